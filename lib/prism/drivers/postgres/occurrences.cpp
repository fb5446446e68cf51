#include <algorithm>
#include <utility>

#include <prism/drivers/postgres/occurrences.hpp>

namespace prism::postgres {
namespace {

/// Fibonacci hashing (Knuth, TAOCP 6.4).
std::size_t slot_of(Uid uid, std::size_t mask) {
  const auto mixed = static_cast<std::uint64_t>(uid) * 0x9E3779B97F4A7C15U;
  return static_cast<std::size_t>(mixed >> 20) & mask;
}

}  // namespace

Occurrences::Occurrences() : entries_(1024) {}

void Occurrences::expect(Uid uid) const {
  __builtin_prefetch(&entries_[slot_of(uid, entries_.size() - 1)]);
}

std::uint32_t Occurrences::meet(Uid uid) {
  Entry& entry = place(uid);
  const std::uint32_t before = entry.count++;
  if (before > 0) {
    most_ = std::max(most_, before);
    return before;
  }
  entry.uid = uid;
  if (++used_ * 4 > entries_.size() * 3) grow();
  return 0;
}

Occurrences::Entry& Occurrences::place(Uid uid) {
  const std::size_t mask = entries_.size() - 1;
  std::size_t at = slot_of(uid, mask);
  while (entries_[at].uid != 0 && entries_[at].uid != uid) at = (at + 1) & mask;
  return entries_[at];
}

void Occurrences::grow() {
  const std::vector<Entry> old = std::exchange(entries_, std::vector<Entry>(entries_.size() * 2));
  for (const Entry& entry : old) {
    if (entry.uid != 0) place(entry.uid) = entry;
  }
}

}  // namespace prism::postgres
