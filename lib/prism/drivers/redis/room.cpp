#include <charconv>

#include <prism/drivers/redis/room.hpp>

namespace prism::redis {
namespace {

constexpr std::uint64_t kKeyBytes = 150;
constexpr std::uint64_t kMemberBytes = 6;    ///< in an intset or a listpack
constexpr std::uint64_t kHashedBytes = 60;   ///< in a hash table
constexpr std::uint64_t kMostCompact = 512;  ///< members of an intset, by default

template <typename Number>
Number number_of(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::string_view info_field(std::string_view info, std::string_view field) {
  const std::string wanted = "\n" + std::string(field) + ":";
  const auto at = info.find(wanted);
  if (at == std::string_view::npos) return {};
  info.remove_prefix(at + wanted.size());
  return info.substr(0, info.find_first_of("\r\n"));
}

ServerInfo read_info(std::string_view text) {
  ServerInfo info{.told = true, .policy = {}};
  info.major = number_of<unsigned>(info_field(text, "redis_version"));
  info.used = number_of<std::uint64_t>(info_field(text, "used_memory"));
  info.limit = number_of<std::uint64_t>(info_field(text, "maxmemory"));
  info.policy = info_field(text, "maxmemory_policy");
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
