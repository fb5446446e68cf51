#include <prism/drivers/redis/hash_slot.hpp>
#include <prism/drivers/redis/keys.hpp>

namespace prism::redis {

std::uint16_t hash_slot(std::string_view key) {
  const auto open = key.find('{');
  if (open == std::string_view::npos) return slot_of(key);
  const auto close = key.find('}', open + 1);
  if (close == std::string_view::npos || close == open + 1) return slot_of(key);
  return slot_of(key.substr(open + 1, close - open - 1));
}

}  // namespace prism::redis
