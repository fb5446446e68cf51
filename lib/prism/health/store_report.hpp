#pragma once

#include <optional>
#include <string>
#include <vector>

#include <prism/cache/sink.hpp>
#include <prism/store/store.hpp>

namespace prism::health {

/// The plugin convention of Nagios; the numbers are exit codes.
enum class State : int { ok = 0, warning = 1, critical = 2, unknown = 3 };

PRISM_API std::string_view state_name(State state);

/// The state of a fact store and its cache.
struct StoreReport {
  State state = State::ok;
  std::vector<std::string> problems;  ///< why it isn't ok
  store::StoreInfo store;
  store::Schema schema;
  std::vector<uid::RangeState> ranges;
  std::optional<store::Run> seed;  ///< the latest
  std::string cache_location;      ///< empty: there is no cache
  std::optional<cache::Meta> cache;
  bool cache_behind = false;  ///< facts were loaded since it was built
};

/// `cache_location` is empty where there is no cache; `sink` is null where it isn't there yet.
PRISM_API StoreReport report(store::FactStore& store, const std::string& cache_location,
                             cache::CacheSink* sink, const uid::Limits& limits);

}  // namespace prism::health
