#include <prism/cache/dry_run_sink.hpp>

namespace prism::cache {
namespace {

constexpr std::size_t kTogether = 512;

}  // namespace

void DryRunSink::begin(std::span<const Family> families) {
  families_.assign(families.begin(), families.end());
  differences_ = {};
  entities_.clear();
  members_.clear();
}

void DryRunSink::put(Family family, Uid entity, std::span<const Uid> members) {
  if (family != family_ || entities_.size() == kTogether) compare_held();
  family_ = family;
  entities_.push_back(entity);
  members_.emplace_back(members.begin(), members.end());
}

void DryRunSink::compare_held() {
  Difference& difference = differences_[static_cast<std::size_t>(family_)];
  auto held = inner_.read_all(family_, entities_);
  for (std::size_t i = 0; i < entities_.size(); ++i) {
    ++difference.total;
    if (held[i].empty()) {
      ++difference.missing;
    } else if (!has_members(family_, std::move(held[i]), members_[i])) {
      ++difference.changed;
    }
  }
  entities_.clear();
  members_.clear();
}

void DryRunSink::commit(const Meta&) {
  compare_held();
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
