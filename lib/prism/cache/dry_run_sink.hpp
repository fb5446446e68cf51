#pragma once

#include <prism/cache/comparing_sink.hpp>

namespace prism::cache {

/// How a cache differs from what a rebuild would make of it, in keys.
struct Difference {
  std::uint64_t total = 0;    ///< keys before or after
  std::uint64_t missing = 0;  ///< would be made
  std::uint64_t changed = 0;  ///< would get other members, or another order of lineage
  std::uint64_t stale = 0;    ///< would be removed

  std::uint64_t differing() const { return missing + changed + stale; }
};

/// Compares what is put with what another sink holds, and changes nothing there. Reads every key
/// that is put, some hundreds together. The other sink must outlive it.
class PRISM_API DryRunSink : public ComparingSink {
 public:
  explicit DryRunSink(CacheSink& inner) : ComparingSink(inner) {}

  void begin(std::span<const Family> families) override;
  void put(Family family, Uid entity, std::span<const Uid> members) override;
  /// Finds the stale keys.
  void commit(const Meta& meta) override;

  /// Complete after `commit`; all zero for a family that is not rebuilt.
  const Difference& difference(Family family) const {
    return differences_[static_cast<std::size_t>(family)];
  }
  /// Of all the families together.
  Difference difference() const;
  /// `3 of 1025000 keys differ`
  std::string summary() const;

 private:
  void compare_held();

  Family family_ = Family::facts;  ///< of what is held
  std::vector<Uid> entities_;
  std::vector<std::vector<Uid>> members_;
  std::vector<Family> families_;
  std::array<Difference, kFamilies.size()> differences_;
};

}  // namespace prism::cache
