#pragma once

#include <optional>

#include <prism/drivers/neo4j/connections.hpp>
#include <prism/store/migration.hpp>

namespace prism::neo4j {

/// The version that the graph says it has, and what leads from one to the next. In a graph that
/// another program made and that holds doubles, the way to the first version begins with what
/// merges them.
store::Schema read_schema(Connections& connections);

/// The version alone.
store::Version read_version(Connections& connections);

/// Throws Error(configuration) unless the version is the newest.
void require_newest(Connections& connections);

/// Constraints and indexes can't be made in one transaction: where one can't be made, those before
/// it go again. Without `to` nothing is merged: throws Error(refused) that lists doubles.
void migrate(Connections& connections, std::optional<store::Version> to);

}  // namespace prism::neo4j
