#include <prism/setup/cache_rebuild.hpp>
#include <prism/setup/seed.hpp>

#include "unit/setup/scene.hpp"

namespace prism::setup {
namespace {

using namespace test;
using cache::Family;
using prism::test::thrown_by;
using Names = std::vector<std::string>;

const std::string kIds = "1,2,101,60,15,201\n";

/// Three things under 910: facts with temporary and blank UIDs, one row rejected.
const std::string kWorkbook = kIds +
                              "5,7,pump,1146,910,thing\n,8,centrifugal pump,1146,7,pump\n"
                              "600,8,,5138,7,\n601,,,5138,7,\n";

class SeedScene : public Scene {
 public:
  SeedScene() {
    write("a.csv", kWorkbook);
    options.paths = {*this / "a.csv"};
    options.csv_folder = *this / "csv";
    options.limits = kLimits;
  }

  SeedResult seed(store::FactStore& store, cache::CacheSink* sink) {
    return setup::seed(options, store, sink, context());
  }
  SeedResult seed() {
    const auto store = open();
    const auto sink = open_cache();
    return seed(*store, sink.get());
  }

  /// Asks for the admin whose table lies in the store's own file.
  void want_admin(const std::string& hash = "hash") {
    users = drivers::open_user_table({"store", "sqlite", (*this / "prism.db").string(), "", ""},
                                     {.access = Access::create}, context().log, cancel());
    options.admin = {users.get(), {.username = "anna", .email = "", .admin = true}, hash};
  }

  store::Run last_run() { return open()->history().latest("seed").value(); }

  SeedOptions options;
  std::unique_ptr<UserTable> users;
};

Names stages_of(const store::Run& run) {
  Names names;
  for (const auto& stage : run.stages) names.push_back(stage.stage);
  return names;
}

/// A cache whose rebuild fails at its commit.
class FailingSink : public cache::CacheSink {
 public:
  void begin(std::span<const Family>) override {}
  void put(Family, Uid, std::span<const Uid>) override {}
  void commit(const cache::Meta&) override { throw Error(ErrorCode::unavailable, "cache is down"); }
  std::optional<cache::Meta> meta() override { return std::nullopt; }
  std::vector<std::vector<Uid>> read_all(Family, std::span<const Uid> entities) override {
    return std::vector<std::vector<Uid>>(entities.size());
  }
  std::uint64_t keys(Family) override { return 0; }
  std::string location() const override { return "nowhere"; }
};

}  // namespace

TEST_CASE("setup: seed goes the whole way from workbooks to the cache") {
  SeedScene scene;
  const auto result = scene.seed();
  CHECK_FALSE(result.nothing_done);
  CHECK(result.facts_before == 0);
  CHECK(result.continued.empty());
  CHECK(result.converted.facts == 3);
  CHECK(result.converted.rejected == 1);
  CHECK(result.converted.uids_taken == 4);
  CHECK(result.imported.facts.inserted == 3);
  CHECK(scene.content("csv/0.csv") == kIds +
                                          "20000,10000,pump,1146,910,thing\n"
                                          "20001,10001,centrifugal pump,1146,10000,pump\n"
                                          "600,10001,,5138,10000,\n");
  REQUIRE(result.cache.has_value());
  CHECK(result.cache->edges == 2);
  const auto sink = scene.open_cache();
  CHECK(sink->read(Family::lineage, 10001) == std::vector<Uid>{10001, 10000, 910});
  CHECK(sink->read(Family::subtypes, 910) == std::vector<Uid>{10000, 10001});
  CHECK(sink->read(Family::facts, 10000) == std::vector<Uid>{600, 20000, 20001});
}

TEST_CASE("setup: seed records its stages with their times") {
  SeedScene scene;
  scene.seed();
  const auto run = scene.last_run();
  CHECK(run.state == store::RunState::complete);
  CHECK(stages_of(run) == Names{"checking", "migrating", "converting", "importing", "caching_facts",
                                "caching_lineage", "caching_subtypes", "complete"});
  for (const auto& stage : run.stages) {
    CAPTURE(stage.stage);
    CHECK(stage.started.size() == 20);
    CHECK(stage.finished >= stage.started);
  }
}

TEST_CASE("setup: seed makes the tables of a new store and does without a cache") {
  SeedScene scene;
  const auto store =
      drivers::open_store({.url = (scene / "new.db").string(), .access = Access::create},
                          scene.context().log, scene.cancel());
  const auto result = scene.seed(*store, nullptr);
  CHECK_FALSE(result.cache.has_value());
  CHECK(store->info().facts == 3);
  CHECK(store->info().lock_owner.empty());
  CHECK(stages_of(*store->history().latest("seed")).back() == "complete");
}

TEST_CASE("setup: a store that holds facts is refused, left alone, or added to") {
  SeedScene scene;
  scene.seed();
  const std::string csv = scene.content("csv/0.csv");
  const auto thrown = thrown_by([&] { scene.seed(); });
  CHECK(thrown.code == ErrorCode::refused);
  CHECK(thrown.says("holds 3 facts already"));
  CHECK(thrown.hint.find("--append") != std::string::npos);
  scene.options.if_empty = true;
  const auto nothing = scene.seed();
  CHECK(nothing.nothing_done);
  CHECK(nothing.facts_before == 3);
  scene.options.if_empty = false;
  scene.options.append = true;
  const auto watermark = scene.open()->info().watermark;
  const auto again = scene.seed();
  CHECK(again.imported.facts.unchanged == 3);
  CHECK(again.imported.facts.inserted == 0);
  CHECK(again.converted.uids_taken == 0);
  CHECK(scene.content("csv/0.csv") == csv);
  CHECK(scene.open()->info().watermark == watermark);
}

TEST_CASE("setup: another workbook is added under --append") {
  SeedScene scene;
  scene.seed();
  scene.write("b.csv", kIds + "5,7,valve,1146,910,thing\n");
  scene.options.paths = {scene / "b.csv"};
  scene.options.append = true;
  const auto result = scene.seed();
  CHECK(result.facts_before == 3);
  CHECK(result.imported.facts.inserted == 1);
  CHECK(scene.content("csv/0.csv") == kIds + "20002,10002,valve,1146,910,thing\n");
  CHECK(scene.open_cache()->read(Family::subtypes, 910) == std::vector<Uid>{10000, 10001, 10002});
}

TEST_CASE("setup: a seed that failed in the cache goes on there") {
  SeedScene scene;
  FailingSink failing;
  const auto store = scene.open();
  CHECK(thrown_by([&] { scene.seed(*store, &failing); }).code == ErrorCode::unavailable);
  const auto failed = scene.last_run();
  CHECK(failed.state == store::RunState::failed);
  CHECK(failed.summary == "cache is down");
  CHECK(stages_of(failed).back() == "error");
  CHECK(store->info().facts == 3);
  const auto result = scene.seed();
  CHECK(result.continued.starts_with("caching_"));
  CHECK(result.converted.facts == 0);
  CHECK(result.cache.has_value());
  CHECK(stages_of(scene.last_run()) == Names{"checking", "migrating", "caching_facts",
                                             "caching_lineage", "caching_subtypes", "complete"});
  CHECK(thrown_by([&] { scene.seed(); }).code == ErrorCode::refused);
}

TEST_CASE("setup: a seed that was cut off in the import is done again from the workbooks") {
  SeedScene scene;
  {
    const auto store = scene.open();
    const auto run = store->history().begin("seed", "", "2026-11-21T10:00:00Z");
    store->history().stage(run, {"importing", "2026-11-21T10:00:01Z", ""});
  }
  // Of other workbooks: not this seed's business.
  CHECK(scene.seed().continued.empty());
  const std::string inputs = scene.last_run().inputs;
  {
    const auto store = scene.open();
    const auto run = store->history().begin("seed", inputs, "2026-11-21T10:00:00Z");
    store->history().stage(run, {"importing", "2026-11-21T10:00:01Z", ""});
  }
  scene.options.if_empty = true;
  const auto result = scene.seed();
  CHECK(result.continued == "importing");
  CHECK(result.imported.facts.unchanged == 3);
  CHECK(scene.last_run().state == store::RunState::complete);
}

TEST_CASE("setup: a seed over workbooks that were changed is no continuation") {
  SeedScene scene;
  FailingSink failing;
  const auto store = scene.open();
  thrown_by([&] { scene.seed(*store, &failing); });
  scene.write("a.csv", kWorkbook + "700,910,thing,5138,7,\n");
  CHECK(thrown_by([&] { scene.seed(); }).code == ErrorCode::refused);
}

TEST_CASE("setup: under --strict a rejected row ends a seed with nothing stored") {
  SeedScene scene;
  scene.options.strict = true;
  CHECK(thrown_by([&] { scene.seed(); }).code == ErrorCode::bad_data);
  CHECK(scene.open()->info().facts == 0);
  CHECK(scene.last_run().state == store::RunState::failed);
  CHECK(scene.last_run().summary == "1 row was rejected, and --strict allows none");
}

TEST_CASE("setup: a store that another run holds is not seeded") {
  SeedScene scene;
  const auto store = scene.open();
  const auto lock = store->lock("import", std::chrono::seconds(0));
  const auto thrown = thrown_by([&] { scene.seed(); });
  CHECK(thrown.code == ErrorCode::locked);
  CHECK(thrown.says("import, process "));
  CHECK(store->info().facts == 0);
}

TEST_CASE("setup: workbooks that are not there end a seed before it changes anything") {
  SeedScene scene;
  scene.options.paths = {scene / "missing.xls"};
  CHECK(thrown_by([&] { scene.seed(); }).code == ErrorCode::input_missing);
  CHECK_FALSE(scene.open()->history().latest("seed").has_value());
}

TEST_CASE("setup: seed makes the admin before anything is loaded") {
  SeedScene scene;
  scene.want_admin();
  CHECK(scene.seed().admin_made);
  CHECK(scene.users->find("anna")->admin);
  const auto stages = stages_of(scene.last_run());
  CHECK(Names(stages.begin(), stages.begin() + 4) ==
        Names{"checking", "migrating", "creating_admin", "converting"});
}

TEST_CASE("setup: a filled store still gets its admin, which is a run of its own") {
  SeedScene scene;
  scene.seed();
  scene.want_admin();
  CHECK(thrown_by([&] { scene.seed(); }).code == ErrorCode::refused);
  CHECK_FALSE(scene.users->find("anna").has_value());
  scene.options.if_empty = true;
  const auto made = scene.seed();
  CHECK(made.nothing_done);
  CHECK(made.admin_made);
  CHECK(scene.users->find("anna").has_value());
  const auto run = scene.last_run();
  CHECK(stages_of(run) == Names{"checking", "migrating", "creating_admin", "complete"});
  CHECK_FALSE(scene.seed().admin_made);
  CHECK(scene.last_run().id == run.id);
}

TEST_CASE("setup: an admin that is there stays as it is, and is warned of when it is none") {
  SeedScene scene;
  scene.want_admin("");
  scene.users->create();
  scene.users->add({.username = "anna", .email = ""}, "own hash");
  scene.users->set_active("anna", false, false);
  CHECK_FALSE(scene.seed().admin_made);
  CHECK_FALSE(scene.users->find("anna")->admin);
  const std::string log = scene.log();
  CHECK(log.find("user 'anna' is no admin") != std::string::npos);
  CHECK(log.find("user 'anna' is disabled") != std::string::npos);
}

TEST_CASE("setup: an admin that can't be made is told, and makes no continuation of a load") {
  SeedScene scene;
  scene.seed();
  scene.want_admin("");
  scene.options.if_empty = true;
  CHECK(thrown_by([&] { scene.seed(); }).code == ErrorCode::locked);
  auto run = scene.last_run();
  CHECK(run.state == store::RunState::failed);
  CHECK(stages_of(run) == Names{"checking", "migrating", "creating_admin", "error"});
  scene.want_admin();
  const auto result = scene.seed();
  CHECK(result.nothing_done);
  CHECK(result.continued == "");
  CHECK(scene.last_run().state == store::RunState::complete);
}

TEST_CASE("setup: without workbooks a seed makes the store and the admin") {
  SeedScene scene;
  scene.options.paths.clear();
  scene.want_admin();
  const auto result = scene.seed();
  CHECK(result.nothing_done);
  CHECK(result.admin_made);
  CHECK(scene.open()->info().facts == 0);
  CHECK(stages_of(scene.last_run()) ==
        Names{"checking", "migrating", "creating_admin", "complete"});
}

TEST_CASE("setup: a seed cut off in the cache loads again when the store was emptied since") {
  SeedScene scene;
  FailingSink failing;
  const auto store = scene.open();
  thrown_by([&] { scene.seed(*store, &failing); });
  store->begin_load(store::OnConflict::fail)->clear();
  const auto result = scene.seed();
  CHECK(result.continued.starts_with("caching_"));
  CHECK(result.imported.facts.inserted == 3);
}

TEST_CASE("setup: a rebuild of the cache is recorded as a run of its own") {
  SeedScene scene;
  scene.seed();
  const auto store = scene.open();
  const auto sink = scene.open_cache();
  rebuild_cache(*store, *sink, {Family::lineage}, scene.context());
  const auto run = store->history().latest("rebuild-cache");
  REQUIRE(run.has_value());
  CHECK(run->state == store::RunState::complete);
  CHECK(stages_of(*run) == Names{"caching_lineage", "complete"});
  CHECK(sink->meta()->generation == 2);
}

}  // namespace prism::setup
