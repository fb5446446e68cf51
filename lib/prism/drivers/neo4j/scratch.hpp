#pragma once

#include <memory>

#include <prism/backup/scratch_target.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/log.hpp>
#include <prism/drivers/neo4j/component.hpp>

namespace prism::neo4j {

/// The graph of a server that is there for restore tests: it must be empty, but for what a test has
/// left that was killed, and is again afterwards, also when the test was interrupted. What was
/// restored into it is held against what is stored, by the digests of graph_digest.hpp. Throws
/// Error(configuration) where none is named (Community has one database to a server), where it
/// holds anything, and where the target is dumped by a command.
PRISM_API std::unique_ptr<backup::ScratchTarget> make_scratch_graph(ComponentOptions options,
                                                                    Log& log, const Cancel& cancel);

}  // namespace prism::neo4j
