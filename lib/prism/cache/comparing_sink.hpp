#pragma once

#include <prism/cache/sink.hpp>

namespace prism::cache {

/// Compares what is put with what another sink holds, and changes nothing there. What is asked for
/// is what that one has. The other sink must outlive it.
class PRISM_API ComparingSink : public CacheSink {
 public:
  explicit ComparingSink(CacheSink& inner) : inner_(inner) {}

  std::optional<Meta> meta() override { return inner_.meta(); }
  std::vector<std::vector<Uid>> read_all(Family family, std::span<const Uid> entities) override {
    return inner_.read_all(family, entities);
  }
  std::uint64_t keys(Family family) override { return inner_.keys(family); }
  std::string location() const override { return inner_.location(); }

 protected:
  CacheSink& inner_;
};

}  // namespace prism::cache
