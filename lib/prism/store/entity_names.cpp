#include <algorithm>
#include <utility>

#include <prism/store/entity_names.hpp>

namespace prism::store {
namespace {

/// Fibonacci hashing (Knuth, TAOCP 6.4).
std::size_t slot_of(Uid entity, std::size_t mask) {
  const auto mixed = static_cast<std::uint64_t>(entity) * 0x9E3779B97F4A7C15U;
  return static_cast<std::size_t>(mixed >> 20) & mask;
}

}  // namespace

EntityNames::EntityNames() : entries_(1024) {}

void EntityNames::expect(Uid entity) const {
  __builtin_prefetch(&entries_[slot_of(entity, entries_.size() - 1)]);
}

void EntityNames::add_fact(Uid fact, Uid relation, Uid left, std::string_view left_name, Uid right,
                           std::string_view right_name) {
  const auto role = relation == kSpecialization ? NameSource::specialization : NameSource::left;
  add(left, {left_name.empty() ? NameSource::none : role, fact}, left_name);
  add(right, {right_name.empty() ? NameSource::none : NameSource::right, fact}, right_name);
}

void EntityNames::add(Uid entity, NameSource source, std::string_view name) {
  Entry& entry = place(entity);
  if (entry.entity == entity && entry.source <= source) return;
  if (entry.entity == 0) ++used_;
  // A longer name goes to the end; what it leaves behind is small, as sources rarely improve.
  if (entry.entity == 0 || name.size() > entry.name_size) {
    entry.name_offset = names_.size();
    names_ += name;
  } else {
    names_.replace(entry.name_offset, name.size(), name);
  }
  entry.entity = entity;
  entry.source = source;
  entry.name_size = static_cast<std::uint32_t>(name.size());
  if (used_ * 4 > entries_.size() * 3) grow();
}

EntityNames::Entry& EntityNames::place(Uid entity) {
  const std::size_t mask = entries_.size() - 1;
  std::size_t at = slot_of(entity, mask);
  while (entries_[at].entity != 0 && entries_[at].entity != entity) at = (at + 1) & mask;
  return entries_[at];
}

void EntityNames::grow() {
  std::vector<Entry> old = std::exchange(entries_, std::vector<Entry>(entries_.size() * 2));
  for (const Entry& entry : old) {
    if (entry.entity != 0) place(entry.entity) = entry;
  }
}

const std::vector<EntityNames::Entry>& EntityNames::sorted() {
  std::erase_if(entries_, [](const Entry& entry) { return entry.entity == 0; });
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.entity < b.entity; });
  return entries_;
}

}  // namespace prism::store
