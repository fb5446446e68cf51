#include <array>

#include <prism/health/state.hpp>

namespace prism::health {

std::string_view state_name(State state) {
  static constexpr std::array<std::string_view, 4> kNames{"ok", "warning", "critical", "unknown"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace prism::health
