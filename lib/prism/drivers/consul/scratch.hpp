#pragma once

#include <memory>

#include <prism/backup/scratch_target.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/log.hpp>
#include <prism/drivers/consul/client.hpp>

namespace prism::consul {

/// A server that is there for restore tests. Throws Error(configuration) where it holds anything.
/// What was restored is held against what is stored by a digest of all KV entries; then the server
/// is put back in the state in which it was, so that no secrets stay there.
PRISM_API std::unique_ptr<backup::ScratchTarget> make_scratch_target(ClientOptions options,
                                                                     Log& log,
                                                                     const Cancel& cancel);

}  // namespace prism::consul
