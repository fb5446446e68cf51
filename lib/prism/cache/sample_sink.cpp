#include <prism/cache/sample_sink.hpp>

namespace prism::cache {
namespace {

/// The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), which is one to one.
std::uint64_t scattered(Uid entity) {
  auto number = static_cast<std::uint64_t>(entity);
  number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9ULL;
  number = (number ^ (number >> 27)) * 0x94D049BB133111EBULL;
  return number ^ (number >> 31);
}

}  // namespace

void SampleSink::begin(std::span<const Family>) {
  chosen_ = {};
  sample_ = {};
}

void SampleSink::put(Family family, Uid entity, std::span<const Uid> members) {
  Chosen& chosen = chosen_[static_cast<std::size_t>(family)];
  const std::uint64_t place = scattered(entity);
  if (chosen.size() == keys_ && place > chosen.rbegin()->first) return;
  chosen[place] = {entity, {members.begin(), members.end()}};
  if (chosen.size() > keys_) chosen.erase(std::prev(chosen.end()));
}

void SampleSink::commit(const Meta&) {
  for (const Family family : kFamilies) {
    compare(family, chosen_[static_cast<std::size_t>(family)]);
  }
}

void SampleSink::compare(Family family, const Chosen& chosen) {
  if (chosen.empty()) return;
  std::vector<Uid> entities;
  for (const auto& [place, key] : chosen) entities.push_back(key.entity);
  auto held = inner_.read_all(family, entities);
  auto found = held.begin();
  for (const auto& [place, key] : chosen) {
    ++sample_.compared;
    if (!has_members(family, std::move(*found++), key.members)) ++sample_.differing;
  }
}

}  // namespace prism::cache
