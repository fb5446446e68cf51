#pragma once

#include <functional>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/drivers/s3/client.hpp>
#include <prism/drivers/s3/scope.hpp>

namespace prism::s3 {

/// Removes the objects of a target whose names, below its prefix, are not to be kept; several at a
/// time. Backups and records of ours stay. Returns how many it removed.
PRISM_API std::uint64_t remove_objects(Client& client, const Scope& scope,
                                       const std::function<bool(const std::string&)>& is_kept,
                                       const Cancel& cancel);

}  // namespace prism::s3
