#include <charconv>

#include <prism/drivers/redis/room.hpp>

namespace prism::redis {
namespace {

constexpr std::uint64_t kKeyBytes = 150;
constexpr std::uint64_t kMemberBytes = 6;    ///< in an intset or a listpack
constexpr std::uint64_t kHashedBytes = 60;   ///< in a hash table
constexpr std::uint64_t kMostCompact = 512;  ///< members of an intset, by default

/// `field:value` on a line of its own.
std::string_view field_of(std::string_view text, std::string_view field) {
  const std::string wanted = "\n" + std::string(field) + ":";
  const auto at = text.find(wanted);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + wanted.size());
  return text.substr(0, text.find_first_of("\r\n"));
}

template <typename Number>
Number number_of(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

ServerInfo read_info(std::string_view text) {
  ServerInfo info{.told = true, .policy = {}};
  info.major = number_of<unsigned>(field_of(text, "redis_version"));
  info.used = number_of<std::uint64_t>(field_of(text, "used_memory"));
  info.limit = number_of<std::uint64_t>(field_of(text, "maxmemory"));
  info.policy = field_of(text, "maxmemory_policy");
  return info;
}

ServerInfo info_of(Connection& server) {
  const auto reply = server.ask({"INFO"});
  return reply->is_error() ? ServerInfo{} : read_info(reply->text);
}

std::uint64_t Room::bytes_of(cache::FamilyCount count) {
  const bool hashed = count.keys > 0 && count.members / count.keys > kMostCompact;
  return count.keys * kKeyBytes + count.members * (hashed ? kHashedBytes : kMemberBytes);
}

Room::Room(std::optional<std::uint64_t> free, const std::optional<cache::Meta>& before)
    : limit_(free) {
  if (!limit_ || !before) return;
  for (const auto& count : before->counts) *limit_ += bytes_of(count);
}

}  // namespace prism::redis
