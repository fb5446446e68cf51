#include <algorithm>
#include <set>
#include <thread>

#include "contract/fact_store.hpp"
#include "support/thrown.hpp"

namespace prism::contract {

using test::thrown_by;
using uid::Assigned;
using uid::BlankFact;
using uid::Kind;
using uid::Limits;
using uid::Temporary;

namespace {

const Limits kLimits{100, 1000, 2000};

Uid next_of(store::FactStore& store, Kind kind) {
  for (const auto& state : store.uids().ranges(kLimits)) {
    if (state.kind == kind) return state.next;
  }
  FAIL("a kind without a range");
  return 0;
}

BlankFact blank(std::uint8_t content, std::uint32_t occurrence) {
  BlankFact fact;
  fact.content.fill(content);
  fact.occurrence = occurrence;
  return fact;
}

Assigned assign(store::FactStore& store, const std::string& workbook,
                const std::vector<Temporary>& temporaries, const std::vector<BlankFact>& blanks,
                const uid::Highest& seen = {}) {
  const uid::Request request{workbook, temporaries, blanks};
  auto all = store.uids().assign({&request, 1}, kLimits, seen);
  REQUIRE(all.size() == 1);
  return std::move(all.front());
}

using Uids = std::vector<Uid>;

}  // namespace

void ranges_begin_at_their_limits(StoreFixture& fixture) {
  const auto store = fixture.open();
  const auto ranges = store->uids().ranges(kLimits);
  REQUIRE(ranges.size() == 2);
  CHECK(ranges[0].kind == Kind::entity);
  CHECK(ranges[0].next == 1000);
  CHECK(ranges[0].left == 1000);
  CHECK(ranges[1].kind == Kind::fact);
  CHECK(ranges[1].next == 2000);
  CHECK(ranges[1].left == static_cast<std::uint64_t>(kGreatestUid) - 2000 + 1);
}

void reserved_uids_are_never_given_twice(StoreFixture& fixture) {
  const auto store = fixture.open();
  const auto first = store->uids().reserve(Kind::entity, 10, kLimits, {});
  CHECK(first.first == 1000);
  CHECK(first.count == 10);
  CHECK(fixture.open()->uids().reserve(Kind::entity, 1, kLimits, {}).first == 1010);
  CHECK(store->uids().reserve(Kind::fact, 5, kLimits, {}).first == 2000);
  CHECK(next_of(*store, Kind::entity) == 1011);
  CHECK(next_of(*store, Kind::fact) == 2005);
}

void ranges_end(StoreFixture& fixture) {
  const auto store = fixture.open();
  CHECK(store->uids().reserve(Kind::entity, 999, kLimits, {}).first == 1000);
  const auto thrown = thrown_by([&] { store->uids().reserve(Kind::entity, 2, kLimits, {}); });
  CHECK(thrown.code == ErrorCode::refused);
  CHECK(thrown.says("no more entity UIDs: 2 wanted, 1 left"));
  CHECK(store->uids().reserve(Kind::entity, 1, kLimits, {}).first == 1999);
  CHECK(store->uids().ranges(kLimits)[0].left == 0);
  CHECK(thrown_by([&] { store->uids().reserve(Kind::entity, 1, kLimits, {}); }).code ==
        ErrorCode::refused);
  CHECK(store->uids().reserve(Kind::fact, 1, kLimits, {}).first == 2000);
}

void stored_uids_are_never_given(StoreFixture& fixture) {
  const auto store = fixture.open();
  load(*store, batch_of({{2500, 1100, "x", 1146, 1200, "y"}, {1300, 1, "z", 1146, 2, "thing"}}));
  CHECK(next_of(*store, Kind::entity) == 1301);
  CHECK(next_of(*store, Kind::fact) == 2501);
  CHECK(store->uids().reserve(Kind::fact, 1, kLimits, {}).first == 2501);
  load(*store, batch_of({{1, 3000, "x", 1146, 1150, "y"}}));
  CHECK(next_of(*store, Kind::entity) == 1301);
  CHECK(next_of(*store, Kind::fact) == 3001);
}

void seen_uids_are_never_given(StoreFixture& fixture) {
  const auto store = fixture.open();
  CHECK(store->uids().reserve(Kind::entity, 1, kLimits, {1400, 2600}).first == 1401);
  CHECK(store->uids().reserve(Kind::fact, 1, kLimits, {1400, 2600}).first == 2601);
  const auto session = store->begin_load(store::OnConflict::fail);
  session->commit({1700, 2700});
  CHECK(next_of(*store, Kind::entity) == 1701);
  CHECK(next_of(*store, Kind::fact) == 2701);
  store->begin_load(store::OnConflict::fail)->commit({1500, 0});
  CHECK(next_of(*store, Kind::entity) == 1701);
}

void reserving_side_by_side(StoreFixture& fixture) {
  constexpr int kRuns = 4, kTakes = 25;
  std::vector<std::unique_ptr<store::FactStore>> stores;
  for (int i = 0; i < kRuns; ++i) stores.push_back(fixture.open());
  std::vector<Uids> given(kRuns);
  std::vector<std::thread> threads;
  for (std::size_t run = 0; run < kRuns; ++run) {
    threads.emplace_back([&store = *stores[run], &mine = given[run]] {
      for (int i = 0; i < kTakes; ++i) {
        const auto range = store.uids().reserve(Kind::fact, 3, kLimits, {});
        for (Uid uid = range.first; uid < range.first + 3; ++uid) mine.push_back(uid);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<Uid> all;
  for (const Uids& mine : given) all.insert(mine.begin(), mine.end());
  CHECK(all.size() == kRuns * kTakes * 3);
  CHECK(*all.begin() == 2000);
  CHECK(*all.rbegin() == 2000 + kRuns * kTakes * 3 - 1);
}

void assigned_uids_are_remembered(StoreFixture& fixture) {
  const auto store = fixture.open();
  const std::vector<Temporary> temporaries{{5, Kind::fact}, {7, Kind::entity}, {8, Kind::entity}};
  const std::vector<BlankFact> blanks{blank(1, 0), blank(2, 0)};
  const Assigned first = assign(*store, "a.xls", temporaries, blanks);
  CHECK(first.taken == 5);
  const Uids facts{first.temporaries.at(0), first.blanks.at(0), first.blanks.at(1)};
  CHECK(std::set<Uid>(facts.begin(), facts.end()) == std::set<Uid>{2000, 2001, 2002});
  CHECK(first.temporaries.at(1) == 1000);
  CHECK(first.temporaries.at(2) == 1001);
  const Assigned again = assign(*fixture.open(), "a.xls", temporaries, blanks, {1500, 2500});
  CHECK(again.taken == 0);
  CHECK(again.temporaries == first.temporaries);
  CHECK(again.blanks == first.blanks);
  const Assigned more = assign(*store, "a.xls", {{8, Kind::entity}, {9, Kind::entity}},
                               {blank(3, 0), blank(2, 0)}, {1500, 2500});
  CHECK(more.taken == 2);
  CHECK(more.temporaries == Uids{1001, 1501});
  CHECK(more.blanks == Uids{2501, first.blanks[1]});
}

void assigned_by_workbook_and_kind(StoreFixture& fixture) {
  const auto store = fixture.open();
  CHECK(assign(*store, "a.xls", {{5, Kind::entity}}, {}).temporaries == Uids{1000});
  CHECK(assign(*store, "b.xls", {{5, Kind::entity}}, {}).temporaries == Uids{1001});
  CHECK(assign(*store, "a.xls", {{5, Kind::fact}}, {}).temporaries == Uids{2000});
  CHECK(assign(*store, "A.xls", {{5, Kind::entity}}, {}).temporaries == Uids{1002});
  CHECK(assign(*store, "a.xls", {{5, Kind::entity}}, {}).temporaries == Uids{1000});
  CHECK(assign(*store, "b.xls", {{5, Kind::entity}}, {}).temporaries == Uids{1001});
}

void assigned_by_content_and_occurrence(StoreFixture& fixture) {
  const auto store = fixture.open();
  CHECK(assign(*store, "a.xls", {}, {blank(1, 0), blank(1, 1)}).blanks == Uids{2000, 2001});
  CHECK(assign(*store, "a.xls", {}, {blank(2, 0)}).blanks == Uids{2002});
  CHECK(assign(*store, "b.xls", {}, {blank(1, 0)}).blanks == Uids{2003});
  CHECK(assign(*store, "a.xls", {}, {blank(1, 1), blank(1, 2), blank(1, 0)}).blanks ==
        Uids{2001, 2004, 2000});
}

void assign_takes_all_or_nothing(StoreFixture& fixture) {
  const auto store = fixture.open();
  store->uids().reserve(Kind::entity, 999, kLimits, {});
  const std::vector<Temporary> one{{5, Kind::entity}}, two{{6, Kind::entity}};
  const uid::Request requests[] = {{"a.xls", one, {}}, {"b.xls", two, {}}};
  CHECK(thrown_by([&] { store->uids().assign(requests, kLimits, {}); }).code == ErrorCode::refused);
  CHECK(next_of(*store, Kind::entity) == 1999);
  CHECK(assign(*store, "b.xls", two, {}).temporaries == Uids{1999});
}

void assigned_within_a_load(StoreFixture& fixture) {
  const auto store = fixture.open();
  {
    const auto session = store->begin_load(store::OnConflict::fail);
    CHECK(assign(*store, "a.xls", {{5, Kind::entity}}, {blank(1, 0)}).taken == 2);
  }
  // What was taken may be lost with the load, but is not given twice.
  CHECK(assign(*store, "a.xls", {{5, Kind::entity}}, {blank(1, 0)}).taken == 2);
  const Uid entity = next_of(*store, Kind::entity);
  {
    const auto session = store->begin_load(store::OnConflict::fail);
    CHECK(assign(*store, "b.xls", {{9, Kind::entity}}, {blank(1, 0)}).taken == 2);
    session->commit({});
  }
  CHECK(next_of(*store, Kind::entity) == entity + 1);
  CHECK(assign(*fixture.open(), "b.xls", {{9, Kind::entity}}, {blank(1, 0)}).taken == 0);
}

}  // namespace prism::contract
