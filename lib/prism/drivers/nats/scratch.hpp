#pragma once

#include <memory>
#include <string>

#include <prism/backup/scratch_target.hpp>
#include <prism/drivers/nats/component.hpp>

namespace prism::nats {

/// A server of its own for restore tests, at the address of the options, for a stream keeps its
/// name. It may hold no streams: Error(configuration), unless a restore test that was cut off has
/// left them. What was restored is removed with this object. What is held against the backup are
/// the blocks of messages of each stream on disk, by SHA-256, and the messages of each in memory.
PRISM_API std::unique_ptr<backup::ScratchTarget> make_scratch_server(ComponentOptions options,
                                                                     Log& log,
                                                                     const Cancel& cancel);

}  // namespace prism::nats
