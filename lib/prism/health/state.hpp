#pragma once

#include <string_view>

#include <prism/base/export.hpp>

namespace prism::health {

/// The plugin convention of Nagios; the numbers are exit codes.
enum class State : int { ok = 0, warning = 1, critical = 2, unknown = 3 };

PRISM_API std::string_view state_name(State state);

}  // namespace prism::health
