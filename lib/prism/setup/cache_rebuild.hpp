#pragma once

#include <prism/cache/builder.hpp>
#include <prism/setup/run_record.hpp>
#include <prism/store/store.hpp>

namespace prism::setup {

/// Rebuilds families of a cache from a store and records a stage for each: `caching_facts`,
/// `caching_lineage`, `caching_subtypes`.
cache::BuildReport cache_stages(store::FactStore& store, cache::CacheSink& sink,
                                std::vector<cache::Family> families, RunRecord& record,
                                Context& context);

/// The same as a run of its own. The caller holds the store's lock.
PRISM_API cache::BuildReport rebuild_cache(store::FactStore& store, cache::CacheSink& sink,
                                           std::vector<cache::Family> families, Context& context);

}  // namespace prism::setup
