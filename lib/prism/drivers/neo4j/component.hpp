#pragma once

#include <memory>
#include <string>

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/log.hpp>
#include <prism/drivers/neo4j/connections.hpp>

namespace prism::neo4j {

struct ComponentOptions {
  ConnectionsOptions connections;
  std::string dump_command = {};  ///< a line for the shell; empty: over Bolt
  std::string load_command = {};  ///< the same, for what a dump_command has written
  /// The record of a restore stays when it is done: what was restored is to be removed again.
  bool is_scratch = false;
};

/// A database of Neo4j as a target. Counted are `nodes`, `relationships`, `constraints` and
/// `indexes` (those that no constraint brings).
///
/// Over Bolt, while it is used: the artifact `graph.jsonl` of graph_lines.hpp, of one state of the
/// graph, or marked where it was changed all the time. What is not dumped: a restore under way and
/// the run lock of prismctl. A restore removes all that is there, makes nodes, then relationships,
/// then constraints and indexes, in batches of NEO4J_BATCH_SIZE; element ids are others afterwards.
/// Until its end a node (:PrismRestore) is there; cut off, it is seen by that, and a rerun finishes
/// it. A database without anything gives an artifact too; a server that can't be reached is
/// Error(unavailable), not a missing one. Constraints that a graph breaks which was changed while
/// it was dumped are left out of its restore: after it present() throws Error(critical) that names
/// them.
///
/// With commands, by the server's own `neo4j-admin database dump` and `load` while it is stopped:
/// dump_command writes a dump to its standard output, which becomes the artifact `neo4j.dump`;
/// load_command reads it from its standard input. Counted are its `files`. What a command that
/// fails said last is in the error. Where there is a load_command, a server that is down holds
/// something unknown, until a restore is done.
PRISM_API std::unique_ptr<backup::Component> open_component(ComponentOptions options, Log& log,
                                                            const Cancel& cancel);

}  // namespace prism::neo4j
