#include <prism/cache/sink.hpp>

namespace prism::cache {

std::string_view family_name(Family family) {
  constexpr std::array<std::string_view, kFamilies.size()> kNames{"facts", "lineage", "subtypes"};
  return kNames[static_cast<std::size_t>(family)];
}

}  // namespace prism::cache
