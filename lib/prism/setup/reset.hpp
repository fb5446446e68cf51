#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include <prism/cache/builder.hpp>
#include <prism/store/store.hpp>

namespace prism::setup {

struct ResetOptions {
  std::chrono::seconds lock_wait{0};
  /// Called once, when the store is held and before anything is touched: what it throws ends the
  /// reset. Empty: nothing is called.
  std::function<void()> before = {};
};

struct ResetResult {
  std::uint64_t facts = 0;  ///< that were there
  std::uint64_t entities = 0;
  std::optional<cache::BuildReport> cache;  ///< what is there now
};

/// Empties a store and its cache as a recorded run: stages `checking backing_up emptying
/// caching_facts caching_lineage caching_subtypes complete error`. Takes the store's lock. The
/// history of runs stays, and so does all that is no store or cache of ours. Cut off, the same
/// again goes on. `sink` is null where there is no cache.
PRISM_API ResetResult reset(const ResetOptions& options, store::FactStore& store,
                            cache::CacheSink* sink, Context& context);

}  // namespace prism::setup
