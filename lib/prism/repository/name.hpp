#pragma once

#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::repository {

/// Whether an object may be called so: see Repository.
PRISM_API bool is_valid_name(std::string_view name);

/// Throws Error(internal) for a name that no object may have.
PRISM_API void require_valid_name(const std::string& name);

/// The same for what objects are listed by: nothing, or any beginning of a name.
PRISM_API void require_valid_prefix(const std::string& prefix);

}  // namespace prism::repository
