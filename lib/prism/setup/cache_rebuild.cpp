#include <prism/setup/cache_rebuild.hpp>

namespace prism::setup {
namespace {

std::string stage_of(cache::Family family) {
  return "caching_" + std::string(cache::family_name(family));
}

/// Adds the stages that were met, the first of which is recorded already. They are added at the end
/// because a cache in the store's own file keeps the history locked until its commit.
void record_stages(std::vector<store::StageTime> stages, RunRecord& record) {
  for (std::size_t i = 1; i < stages.size(); ++i) {
    record.add({stages[i].stage, stages[i].started,
                i + 1 < stages.size() ? stages[i + 1].started : utc_now()});
  }
}

}  // namespace

cache::BuildReport cache_stages(store::FactStore& store, cache::CacheSink& sink,
                                std::vector<cache::Family> families, RunRecord& record,
                                Context& context) {
  std::vector<store::StageTime> stages;
  cache::BuildOptions options;
  options.families = std::move(families);
  options.on_family = [&](cache::Family family) {
    stages.push_back({stage_of(family), utc_now(), {}});
  };
  record.stage(stage_of(options.families.front()));
  const auto reader = store.read_facts();
  auto report = cache::rebuild(*reader, sink, options, context);
  record_stages(std::move(stages), record);
  return report;
}

cache::BuildReport rebuild_cache(store::FactStore& store, cache::CacheSink& sink,
                                 std::vector<cache::Family> families, Context& context) {
  RunRecord record("rebuild-cache");
  record.attach(store.history(), sink.location());
  try {
    auto report = cache_stages(store, sink, std::move(families), record, context);
    record.complete("");
    return report;
  } catch (const std::exception& e) {
    record.fail(e.what());
    throw;
  }
}

}  // namespace prism::setup
