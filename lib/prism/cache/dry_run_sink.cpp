#include <algorithm>

#include <prism/cache/dry_run_sink.hpp>

namespace prism::cache {
namespace {

/// A cache may give a set in any order; the order of a lineage counts.
bool same(Family family, std::vector<Uid> held, std::span<const Uid> members) {
  if (family != Family::lineage) std::sort(held.begin(), held.end());
  return std::equal(held.begin(), held.end(), members.begin(), members.end());
}

}  // namespace

void DryRunSink::begin(std::span<const Family> families) {
  families_.assign(families.begin(), families.end());
  differences_ = {};
}

void DryRunSink::put(Family family, Uid entity, std::span<const Uid> members) {
  Difference& difference = differences_[static_cast<std::size_t>(family)];
  ++difference.total;
  std::vector<Uid> held = inner_.read(family, entity);
  if (held.empty()) {
    ++difference.missing;
  } else if (!same(family, std::move(held), members)) {
    ++difference.changed;
  }
}

void DryRunSink::commit(const Meta&) {
  for (const Family family : families_) {
    Difference& difference = differences_[static_cast<std::size_t>(family)];
    const std::uint64_t met = difference.total - difference.missing;
    const std::uint64_t held = inner_.keys(family);
    difference.stale = held > met ? held - met : 0;
    difference.total += difference.stale;
  }
}

Difference DryRunSink::difference() const {
  Difference all;
  for (const Difference& one : differences_) {
    all.total += one.total;
    all.missing += one.missing;
    all.changed += one.changed;
    all.stale += one.stale;
  }
  return all;
}

std::string DryRunSink::summary() const {
  const Difference all = difference();
  return std::to_string(all.differing()) + " of " + std::to_string(all.total) + " keys differ";
}

}  // namespace prism::cache
