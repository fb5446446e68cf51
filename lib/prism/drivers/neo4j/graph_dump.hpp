#pragma once

#include <prism/backup/component.hpp>
#include <prism/drivers/neo4j/connections.hpp>

namespace prism::neo4j {

/// Writes the whole graph as lines of graph_lines.hpp, up to three times until nothing was
/// committed meanwhile.
backup::Content dump_graph(Connections& connections, backup::ArtifactWriter& artifacts);

/// What it holds, from the server's own counts.
backup::Content count_graph(Connections& connections);

}  // namespace prism::neo4j
