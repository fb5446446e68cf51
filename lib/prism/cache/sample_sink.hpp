#pragma once

#include <map>

#include <prism/cache/comparing_sink.hpp>

namespace prism::cache {

/// What a comparison of some keys has shown.
struct Sample {
  std::uint64_t compared = 0;   ///< keys
  std::uint64_t differing = 0;  ///< missing, with other members, or in another order of lineage
};

/// Compares some of what is put with what another sink holds, and changes nothing there: of each
/// family the keys of the same entities whenever the same is put, as good as chosen at random.
/// Holds no more than those. The other sink must outlive it.
class PRISM_API SampleSink : public ComparingSink {
 public:
  /// At most `keys` of each family.
  SampleSink(CacheSink& inner, std::size_t keys) : ComparingSink(inner), keys_(keys) {}

  void begin(std::span<const Family> families) override;
  void put(Family family, Uid entity, std::span<const Uid> members) override;
  /// Compares.
  void commit(const Meta& meta) override;

  /// Complete after `commit`.
  const Sample& sample() const { return sample_; }

 private:
  struct Key {
    Uid entity;
    std::vector<Uid> members;
  };
  /// By a number that is made of the entity: the lowest are kept.
  using Chosen = std::map<std::uint64_t, Key>;

  void compare(Family family, const Chosen& chosen);

  std::size_t keys_;
  std::array<Chosen, kFamilies.size()> chosen_;
  Sample sample_;
};

}  // namespace prism::cache
