#pragma once

#include <optional>
#include <string>

#include <prism/drivers/s3/client.hpp>
#include <prism/drivers/s3/scope.hpp>

namespace prism::s3 {

/// An object `.prismctl-restore` of the target that is there while a restore is under way, and
/// after one that was cut off. Its lines are `started`, `host` and `what`, each with a value.
PRISM_API void write_restore_record(Client& client, const Scope& scope, const std::string& what);
PRISM_API void remove_restore_record(Client& client, const Scope& scope);

/// Words on what the record says, where it is there.
PRISM_API std::optional<std::string> read_restore_record(Client& client, const Scope& scope);

}  // namespace prism::s3
