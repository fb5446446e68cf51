#include <algorithm>

#include <prism/cache/sink.hpp>

namespace prism::cache {

std::string_view family_name(Family family) {
  constexpr std::array<std::string_view, kFamilies.size()> kNames{"facts", "lineage", "subtypes"};
  return kNames[static_cast<std::size_t>(family)];
}

bool has_members(Family family, std::vector<Uid> held, std::span<const Uid> members) {
  if (family != Family::lineage) std::sort(held.begin(), held.end());
  return std::equal(held.begin(), held.end(), members.begin(), members.end());
}

}  // namespace prism::cache
