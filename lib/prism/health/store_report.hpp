#pragma once

#include <optional>
#include <string>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/base/error.hpp>
#include <prism/cache/sample_sink.hpp>
#include <prism/cache/sink.hpp>
#include <prism/health/state.hpp>
#include <prism/store/store.hpp>

namespace prism::health {

/// The state of a fact store and its cache.
struct StoreReport {
  State state = State::ok;
  std::vector<std::string> problems;  ///< why it isn't ok
  store::StoreInfo store;
  store::Schema schema;
  std::vector<uid::RangeState> ranges;
  std::optional<store::Run> seed;     ///< the latest
  std::optional<store::Run> rebuild;  ///< the latest of the cache
  std::string cache_location;         ///< empty: there is no cache
  std::string cache_trouble;          ///< why nothing can be told of it
  std::optional<cache::Meta> cache;
  bool cache_behind = false;                 ///< facts were loaded since it was built
  std::optional<cache::Sample> sample = {};  ///< nothing: it was not compared
};

/// How a report comes to the cache.
struct CacheView {
  std::string location;              ///< for people; empty: there is no cache
  cache::CacheSink* sink = nullptr;  ///< null: it isn't there yet, or can't be opened
  std::string trouble = {};          ///< why it can't be opened
};

/// A cache that can't be reached is told as trouble, and makes the state critical.
PRISM_API StoreReport report(store::FactStore& store, const CacheView& cache,
                             const uid::Limits& limits);

/// Computes some keys of the cache anew, 100 of each family, and adds to the report how many
/// differ. Reads all facts of the store. Not where the cache is behind the store, or a run is going
/// on, which the report says already. `sink` holds the cache.
PRISM_API void compare_sample(StoreReport& report, store::FactStore& store, cache::CacheSink& sink,
                              const Cancel& cancel);

/// Whether an error says that something can't be reached or used just now: nothing to end a report.
PRISM_API bool is_trouble(const Error& error);

}  // namespace prism::health
