#pragma once

#include <cstdint>
#include <functional>

#include <prism/uid/uid.hpp>

namespace prism::store {

/// Streams the facts of a store, as of one moment; the callbacks must not use the store.
class FactReader {
 public:
  virtual ~FactReader() = default;

  /// Every pair of an entity and a fact in which it is the left or right object, once; ordered by
  /// entity, then fact.
  virtual void each_membership(const std::function<void(Uid entity, Uid fact)>& take) = 0;

  /// Every specialization (relation types 1146 and 1726; the left object is the subtype), ordered
  /// by fact.
  virtual void each_specialization(
      const std::function<void(Uid fact, Uid subtype, Uid supertype)>& take) = 0;

  /// The store's watermark at that moment.
  virtual std::int64_t watermark() = 0;
};

}  // namespace prism::store
