#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::setup {

/// The systems whose environment files are known.
enum class System : std::uint8_t { relica, prism, intercept, clarity, hbi };

inline constexpr std::array kSystems{System::relica, System::prism, System::intercept,
                                     System::clarity, System::hbi};

PRISM_API std::string_view system_name(System system);

/// The environment file of a system with all its servers on this machine: `KEY=value` lines that an
/// env-file reader and a shell read alike, and comments. Each password comes from `password`, which
/// must give letters and digits only.
PRISM_API std::string make_system_env(System system, const std::function<std::string()>& password);

}  // namespace prism::setup
