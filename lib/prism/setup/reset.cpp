#include <prism/setup/cache_rebuild.hpp>
#include <prism/setup/reset.hpp>
#include <prism/setup/run_record.hpp>

namespace prism::setup {
namespace {

/// The cache of a store without facts is one without keys.
void empty(store::FactStore& store, cache::CacheSink* sink, RunRecord& record, ResetResult& result,
           Context& context) {
  record.stage("emptying");
  store.begin_load(store::OnConflict::fail)->clear();
  if (sink == nullptr) return;
  result.cache = cache_stages(store, *sink, {cache::kFamilies.begin(), cache::kFamilies.end()},
                              record, context);
}

}  // namespace

ResetResult reset(const ResetOptions& options, store::FactStore& store, cache::CacheSink* sink,
                  Context& context) {
  RunRecord record("reset");
  record.stage("checking");
  const auto lock = store.lock("reset", options.lock_wait);
  const auto info = store.info();
  ResetResult result{info.facts, info.entities, {}};
  if (options.before) {
    record.stage("backing_up");
    options.before();
  }
  record.attach(store.history(), info.location);
  try {
    empty(store, sink, record, result, context);
    record.complete("");
  } catch (const std::exception& e) {
    record.fail(e.what());
    throw;
  }
  return result;
}

}  // namespace prism::setup
