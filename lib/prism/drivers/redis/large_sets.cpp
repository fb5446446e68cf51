#include <algorithm>

#include <prism/drivers/redis/command.hpp>
#include <prism/drivers/redis/dumped_set.hpp>
#include <prism/drivers/redis/large_sets.hpp>

namespace prism::redis {
namespace {

constexpr std::size_t kMostMembers = 1'000'000;
constexpr std::int64_t kNoExpiry = -1;

/// Either may be an error: a user may write without the right to read.
bool equals(const Reply& dump, const Reply& expiry, std::span<const Uid> members) {
  if (dump.kind != Reply::Kind::text || expiry.integer != kNoExpiry) return false;
  const auto held = read_dumped_set(dump.text);
  return held && std::equal(held->begin(), held->end(), members.begin(), members.end());
}

}  // namespace

bool LargeSets::add(std::string_view key, std::span<const Uid> members) {
  const std::size_t begin = members_.size();
  members_.insert(members_.end(), members.begin(), members.end());
  kept_.push_back({std::string(key), begin, members_.size()});
  return members_.size() >= kMostMembers;
}

std::span<const Uid> LargeSets::members_of(const Kept& kept) const {
  return std::span(members_).subspan(kept.begin, kept.end - kept.begin);
}

void LargeSets::write_changed(Connection& server, const Write& write) {
  std::string commands;
  for (const Kept& kept : kept_) {
    append_command(commands, {"DUMP", kept.key});
    append_command(commands, {"PTTL", kept.key});
  }
  server.send(commands);
  for (const Kept& kept : kept_) {
    const auto dump = server.receive();
    const auto expiry = server.receive();
    const auto members = members_of(kept);
    if (!equals(*dump, *expiry, members)) write(kept.key, members);
  }
  kept_.clear();
  members_.clear();
}

}  // namespace prism::redis
