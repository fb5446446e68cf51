#include "contract/fact_store.hpp"
#include "support/thrown.hpp"

namespace prism::contract {
namespace {

template <typename Action>
ErrorCode code_of(Action&& action) {
  return test::thrown_by(std::forward<Action>(action)).code;
}

}  // namespace

void migrating_down_and_up_again(StoreFixture& fixture) {
  const auto store = fixture.open();
  const store::Version newest = store->schema().newest();
  store->migrate(0);
  CHECK(store->schema().version == 0);
  store->migrate(0);
  CHECK(code_of([&] { store->info(); }) == ErrorCode::configuration);
  CHECK(code_of([&] { store->begin_load(store::OnConflict::fail); }) == ErrorCode::configuration);
  store->migrate(newest);
  CHECK(store->schema().version == newest);
  load(*store, batch_of({{1}}));
  CHECK(fixture.open()->info().facts == 1);
}

void migrating_down_keeps_facts(StoreFixture& fixture) {
  const auto store = fixture.open();
  store->uids().reserve(uid::Kind::fact, 1, {}, {});
  CHECK(code_of([&] { store->migrate(0); }) == ErrorCode::refused);
  load(*store, batch_of({{1}}));
  CHECK(code_of([&] { store->migrate(0); }) == ErrorCode::refused);
  CHECK(store->schema().version == store->schema().newest());
  CHECK(store->info().facts == 1);
}

void migrating_to_unknown_version(StoreFixture& fixture) {
  const auto store = fixture.open();
  CHECK(code_of([&] { store->migrate(998); }) == ErrorCode::usage);
  CHECK(store->schema().version == store->schema().newest());
}

void newer_schema_is_refused(StoreFixture& fixture) {
  fixture.make_newer();
  const auto store = fixture.open();
  CHECK(store->schema().version == 999);
  CHECK(code_of([&] { store->migrate(); }) == ErrorCode::configuration);
  CHECK(code_of([&] { store->migrate(0); }) == ErrorCode::configuration);
  CHECK(code_of([&] { store->info(); }) == ErrorCode::configuration);
  CHECK(code_of([&] { store->begin_load(store::OnConflict::fail); }) == ErrorCode::configuration);
  CHECK(store->schema().version == 999);
}

}  // namespace prism::contract
