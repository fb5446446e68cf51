#pragma once

#include <cstdint>

#include <prism/backup/component.hpp>
#include <prism/drivers/neo4j/connections.hpp>

namespace prism::neo4j {

/// What becomes of it at the end of a restore.
enum class RestoreRecord : std::uint8_t { removed, kept };

/// Puts the graph in the state of the lines of an artifact. They are read twice: once for all that
/// may be refused, before anything is touched. Cut off, the record of restore_record.hpp stays, and
/// the same again takes out what is there and does all of it. Throws Error(locked) while a run of
/// prismctl writes to the graph. Of a graph that was changed while it was dumped, constraints that
/// it breaks are not made: they are `left_out` of what is returned.
backup::Content restore_graph(Connections& connections, backup::ArtifactReader& artifacts,
                              RestoreRecord record);

/// Throws Error(configuration) where the server's edition refuses a constraint of the artifact, of
/// which no more is read than these, if they are good. So does restore_graph().
void require_edition(Connections& connections, backup::ArtifactReader& artifacts);

/// Nothing is left of it but the indexes of labels and types that every graph has.
void empty_graph(Connections& connections);

}  // namespace prism::neo4j
