#include <unistd.h>

#include <prism/base/date.hpp>
#include <prism/base/host.hpp>

#include "contract/fact_store.hpp"
#include "support/thrown.hpp"

namespace prism::contract {

using store::RunState;

namespace {

constexpr const char* kTimes[] = {"2026-11-21T10:00:00Z", "2026-11-21T10:00:01Z",
                                  "2026-11-21T10:00:02Z"};

/// `entity:fact` of every membership.
std::vector<std::string> memberships_of(store::FactReader& reader) {
  std::vector<std::string> pairs;
  reader.each_membership([&](Uid entity, Uid fact) {
    pairs.push_back(std::to_string(entity) + ":" + std::to_string(fact));
  });
  return pairs;
}

/// `fact:subtype<supertype` of every specialization.
std::vector<std::string> specializations_of(store::FactReader& reader) {
  std::vector<std::string> edges;
  reader.each_specialization([&](Uid fact, Uid subtype, Uid supertype) {
    edges.push_back(std::to_string(fact) + ":" + std::to_string(subtype) + "<" +
                    std::to_string(supertype));
  });
  return edges;
}

using Lines = std::vector<std::string>;

}  // namespace

void runs_are_recorded(StoreFixture& fixture) {
  const auto store = fixture.open();
  store::RunHistory& history = store->history();
  CHECK_FALSE(history.latest("seed").has_value());
  const auto id = history.begin("seed", "fingerprint", kTimes[0]);
  history.stage(id, {"checking", kTimes[0], ""});
  history.stage(id, {"migrating", kTimes[1], kTimes[2]});
  history.stage(id, {"importing", kTimes[2], ""});
  history.finish(id, RunState::complete, R"({"facts":3})");
  const auto run = history.latest("seed");
  REQUIRE(run.has_value());
  CHECK(run->id == id);
  CHECK(run->command == "seed");
  CHECK(run->inputs == "fingerprint");
  CHECK(run->state == RunState::complete);
  CHECK(run->stage == "importing");
  CHECK(run->started == kTimes[0]);
  CHECK(parse_utc(run->finished).has_value());
  CHECK(run->host == host_name());
  CHECK(run->process == ::getpid());
  CHECK(run->summary == R"({"facts":3})");
  REQUIRE(run->stages.size() == 3);
  CHECK(run->stages[0].stage == "checking");
  CHECK(run->stages[0].finished == kTimes[1]);
  CHECK(run->stages[1].finished == kTimes[2]);
  CHECK(run->stages[2].started == kTimes[2]);
  CHECK(run->stages[2].finished == run->finished);
}

void latest_run_of_a_command(StoreFixture& fixture) {
  const auto store = fixture.open();
  store::RunHistory& history = store->history();
  const auto first = history.begin("seed", "a", kTimes[0]);
  const auto other = history.begin("import", "b", kTimes[1]);
  history.finish(first, RunState::failed, "found text");
  CHECK(first != other);
  CHECK(history.latest("seed")->state == RunState::failed);
  CHECK(history.latest("seed")->summary == "found text");
  // Of two that began within one second the later one is the latest.
  const auto second = history.begin("seed", "c", kTimes[0]);
  CHECK(history.latest("seed")->id == second);
  CHECK(history.latest("seed")->inputs == "c");
  CHECK(history.latest("seed")->stages.empty());
  CHECK(history.latest("import")->id == other);
  CHECK_FALSE(history.latest("rebuild-cache").has_value());
}

void runs_are_seen_by_others(StoreFixture& fixture) {
  const auto store = fixture.open();
  const auto id = store->history().begin("seed", "a", kTimes[0]);
  store->history().stage(id, {"converting", kTimes[1], ""});
  const auto run = fixture.open()->history().latest("seed");
  REQUIRE(run.has_value());
  CHECK(run->state == RunState::running);
  CHECK(run->stage == "converting");
  CHECK(run->finished.empty());
  CHECK(run->summary.empty());
  REQUIRE(run->stages.size() == 1);
  CHECK(run->stages[0].finished.empty());
}

void memberships_are_read_in_order(StoreFixture& fixture) {
  const auto store = fixture.open();
  load(*store, batch_of({{9, 1, "", 5138, 3, ""},
                         {2, 3, "", 1146, 1, ""},
                         {10, 2, "", 5138, 2, ""},
                         {1, kGreatestUid, "", 5138, 1, ""}}));
  CHECK(memberships_of(*store->read_facts()) ==
        Lines{"1:1", "1:2", "1:9", "2:10", "3:2", "3:9", "9007199254740992:1"});
}

void specializations_are_read_in_order(StoreFixture& fixture) {
  const auto store = fixture.open();
  load(*store, batch_of({{9, 1, "", 1146, 3, ""},
                         {2, 3, "", 1726, 4, ""},
                         {5, 1, "", 5138, 2, ""},
                         {10, 7, "", 1146, 7, ""},
                         {3, 1, "", 1146, 3, ""}}));
  const auto reader = store->read_facts();
  const Lines expected{"2:3<4", "3:1<3", "9:1<3", "10:7<7"};
  CHECK(specializations_of(*reader) == expected);
  CHECK(specializations_of(*reader) == expected);
}

void readers_see_one_moment(StoreFixture& fixture) {
  const auto store = fixture.open();
  load(*store, batch_of({{1, 10, "", 1146, 20, ""}}));
  const auto reader = store->read_facts();
  const auto watermark = reader->watermark();
  load(*fixture.open(), batch_of({{2, 11, "", 1146, 20, ""}}));
  load(*store, batch_of({{3, 12, "", 1146, 20, ""}}));
  if (fixture.reads_one_moment()) {
    CHECK(memberships_of(*reader) == Lines{"10:1", "20:1"});
    CHECK(specializations_of(*reader) == Lines{"1:10<20"});
  } else {
    CHECK(test::thrown_by([&] { memberships_of(*reader); }).code == ErrorCode::locked);
    CHECK(test::thrown_by([&] { specializations_of(*reader); }).code == ErrorCode::locked);
  }
  CHECK(reader->watermark() == watermark);
  const auto later = store->read_facts();
  CHECK(specializations_of(*later).size() == 3);
  CHECK(later->watermark() > watermark);
}

}  // namespace prism::contract
