#include "contract/fact_store.hpp"

namespace prism::contract {
namespace {

const uid::Limits kLimits{100, 1000, 2000};

/// What a temporary UID of a workbook became.
Uid taken_for(store::FactStore& store) {
  const uid::Temporary temporary{7, uid::Kind::entity};
  const uid::BlankFact blank{};
  const uid::Request request{"a.xls", {&temporary, 1}, {&blank, 1}};
  return store.uids().assign({&request, 1}, kLimits, {}).at(0).temporaries.at(0);
}

}  // namespace

void clearing_takes_all_out(StoreFixture& fixture) {
  const auto store = fixture.open();
  CHECK(taken_for(*store) == 1000);
  CHECK(store->uids().reserve(uid::Kind::entity, 10, kLimits, {}).first == 1001);
  load(*store, batch_of({{1}, {2, 30, "other", 1146, 10, "left"}}));
  const auto run = store->history().begin("import", "a", "2026-11-30T00:00:00Z");
  store->history().finish(run, store::RunState::complete, "");
  const auto watermark = store->info().watermark;
  store->begin_load(store::OnConflict::fail)->clear();
  const auto info = fixture.open()->info();
  CHECK(info.facts == 0);
  CHECK(info.entities == 0);
  CHECK(info.watermark > watermark);
  CHECK(fixture.names().empty());
  CHECK(store->history().latest("import")->id == run);
  for (const auto& range : store->uids().ranges(kLimits)) {
    CHECK(range.next == kLimits.begin(range.kind));
  }
  store->begin_load(store::OnConflict::fail)->clear();
  CHECK(load(*store, batch_of({{1}})).inserted == 1);
  CHECK(taken_for(*store) == 1000);
}

}  // namespace prism::contract
