#include <charconv>

#include <prism/drivers/redis/checksum.hpp>
#include <prism/drivers/redis/keys.hpp>

namespace prism::redis {
namespace {

constexpr std::string_view kPrefix = "rlc:entity:";

std::optional<cache::Family> family_of(std::string_view name) {
  for (const cache::Family family : cache::kFamilies) {
    if (cache::family_name(family) == name) return family;
  }
  return std::nullopt;
}

}  // namespace

std::string_view write_key(std::string& buffer, cache::Family family, Uid entity) {
  buffer.assign(kPrefix);
  char number[24];
  char* const end = std::to_chars(number, number + sizeof number, entity).ptr;
  buffer.append(number, static_cast<std::size_t>(end - number));
  buffer += ':';
  buffer += cache::family_name(family);
  return buffer;
}

std::optional<Key> parse_key(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  Uid entity = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), entity);
  const auto digits = static_cast<std::size_t>(end - text.data());
  const bool as_written = error == std::errc() && text.front() >= '1' && text.front() <= '9';
  if (!as_written || digits == text.size() || text[digits] != ':') return std::nullopt;
  const auto family = family_of(text.substr(digits + 1));
  if (!family) return std::nullopt;
  return Key{*family, entity};
}

std::uint16_t slot_of(std::string_view key) { return crc16(key) % kSlots; }

}  // namespace prism::redis
