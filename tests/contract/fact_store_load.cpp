#include <chrono>

#include "contract/fact_store.hpp"
#include "support/thrown.hpp"

namespace prism::contract {

using namespace std::chrono_literals;
using gellish::FactLayout;
using gellish::Property;
using store::OnConflict;
using test::thrown_by;

namespace {

const FactLayout kWide{
    {Property::sequence, Property::lh_object_uid, Property::fact_uid, Property::rel_type_uid,
     Property::rh_object_uid, Property::full_definition, Property::effective_from},
    true};

std::vector<Input> wide_row(Uid fact, Input sequence, Input definition, Input date, Input extra) {
  return {std::move(sequence), 10, fact, 5138, 20, std::move(definition), std::move(date),
          std::move(extra)};
}

using Names = std::map<Uid, std::string>;

}  // namespace

void new_store_is_empty(StoreFixture& fixture) {
  const auto store = fixture.open();
  const auto info = store->info();
  CHECK(info.facts == 0);
  CHECK(info.entities == 0);
  CHECK(info.watermark == 0);
  CHECK(info.lock_owner.empty());
  CHECK_FALSE(info.kind.empty());
  CHECK_FALSE(info.version.empty());
  CHECK_FALSE(info.location.empty());
  const auto schema = store->schema();
  CHECK(schema.version == schema.newest());
  CHECK(schema.newest() >= 1);
  CHECK(store::plan(schema).steps.empty());
}

void migrating_again_changes_nothing(StoreFixture& fixture) {
  const auto store = fixture.open();
  load(*store, batch_of({{1}}));
  store->migrate();
  CHECK(store->info().facts == 1);
  CHECK(store::plan(store->schema()).steps.empty());
}

void lock_keeps_others_away(StoreFixture& fixture) {
  const auto store = fixture.open();
  const auto other = fixture.open();
  {
    const auto lock = store->lock("seed", 0s);
    CHECK(other->info().lock_owner.starts_with("seed, process "));
    const auto thrown = thrown_by([&] { other->lock("import", 0s); });
    CHECK(thrown.code == ErrorCode::locked);
    CHECK(thrown.says("seed, process "));
  }
  CHECK(other->info().lock_owner.empty());
  CHECK_NOTHROW(other->lock("import", 0s));
}

/// Drivers insert several facts at once: those before and behind one that stops them are not lost.
void conflicts_amid_many(StoreFixture& fixture) {
  const auto store = fixture.open();
  load(*store, batch_of({{17}, {20}, {33, 10, "left", 5138, 99}, {64}}));
  std::vector<Fact> facts;
  for (Uid uid = 1; uid <= 64; ++uid) facts.push_back({uid});
  facts.push_back({40});
  CHECK(shown(load(*store, batch_of(facts), OnConflict::skip)) == "60 4 0 1");
  CHECK(store->info().facts == 64);
  facts.resize(32);
  CHECK(shown(load(*store, batch_of(facts))) == "0 32 0 0");
  CHECK(store->info().entities == 3);
}

void load_inserts(StoreFixture& fixture) {
  const auto store = fixture.open();
  const auto batch =
      batch_of(kWide, {wide_row(1, -5, "a definition", "2001-03-21", R"({"62":"N"})"),
                       wide_row(2, nullptr, nullptr, nullptr, nullptr),
                       wide_row(kGreatestUid, 0, "", "9999-12-31", "{}")});
  CHECK(shown(load(*store, batch)) == "3 0 0 0");
  const auto info = store->info();
  CHECK(info.facts == 3);
  CHECK(info.entities == 2);
  CHECK(holds(*fixture.open(), batch));
}

void load_without_commit_leaves_nothing(StoreFixture& fixture) {
  const auto store = fixture.open();
  {
    const auto session = store->begin_load(OnConflict::fail);
    session->add(batch_of({{1}, {2}}));
    CHECK(shown(session->finish()) == "2 0 0 0");
  }
  CHECK(store->info().facts == 0);
  CHECK(store->info().entities == 0);
  CHECK(store->info().watermark == 0);
  CHECK(shown(load(*store, batch_of({{1}}))) == "1 0 0 0");
}

void uncommitted_facts_are_not_seen(StoreFixture& fixture) {
  const auto store = fixture.open();
  const auto other = fixture.open();
  const auto session = store->begin_load(OnConflict::fail);
  session->add(batch_of({{1}}));
  CHECK(other->info().facts == 0);
  session->commit({});
  CHECK(other->info().facts == 1);
  CHECK(other->info().entities == 2);
}

void equal_facts_are_unchanged(StoreFixture& fixture) {
  const auto store = fixture.open();
  const auto batch = batch_of(kWide, {wide_row(1, 7, "text", "2001-03-21", R"({"62":"N"})"),
                                      wide_row(2, nullptr, nullptr, nullptr, nullptr)});
  load(*store, batch);
  for (const OnConflict policy : {OnConflict::fail, OnConflict::skip, OnConflict::update}) {
    CHECK(shown(load(*store, batch, policy)) == "0 2 0 0");
  }
  CHECK(store->info().facts == 2);
}

void conflict_fails(StoreFixture& fixture) {
  const auto store = fixture.open();
  load(*store, batch_of({{1, 10, "pump"}}));
  {
    const auto session = store->begin_load(OnConflict::fail);
    session->add(batch_of({{2}}));
    const auto thrown = thrown_by([&] {
      session->add(batch_of({{1, 10, "valve"}, {3}}));
      session->finish();
    });
    CHECK(thrown.code == ErrorCode::refused);
    CHECK(thrown.says("fact 1 is stored with other values"));
    CHECK(thrown.says("lh_object_name is 'pump', the input has 'valve'"));
    CHECK(thrown.hint.find("--on-conflict") != std::string::npos);
  }
  CHECK(store->info().facts == 1);
  CHECK(holds(*store, batch_of({{1, 10, "pump"}})));
  CHECK(fixture.names() == Names{{10, "pump"}, {20, "right"}});
}

void conflict_is_skipped(StoreFixture& fixture) {
  const auto store = fixture.open();
  load(*store, batch_of({{1, 10, "pump"}, {2}}));
  const auto batch = batch_of({{1, 10, "valve"}, {2}, {3}});
  CHECK(shown(load(*store, batch, OnConflict::skip)) == "1 1 0 1");
  CHECK(holds(*store, batch_of({{1, 10, "pump"}, {2}, {3}})));
  CHECK(fixture.names().at(10) == "pump");
}

void conflict_updates(StoreFixture& fixture) {
  const auto store = fixture.open();
  load(*store, batch_of({{1, 10, "pump"}, {2}}));
  const auto batch = batch_of({{1, 10, "valve", 1146}, {2}, {3}});
  CHECK(shown(load(*store, batch, OnConflict::update)) == "1 1 1 0");
  CHECK(holds(*store, batch));
  CHECK(store->info().facts == 3);
}

void nothing_conflicts_with_something(StoreFixture& fixture) {
  const auto store = fixture.open();
  load(*store, batch_of(kWide, {wide_row(1, nullptr, "", nullptr, nullptr),
                                wide_row(2, 0, nullptr, "2001-03-21", "{}")}));
  const auto turned = batch_of(kWide, {wide_row(1, 0, nullptr, nullptr, nullptr),
                                       wide_row(2, nullptr, "", nullptr, nullptr)});
  CHECK(thrown_by([&] { load(*store, turned); }).code == ErrorCode::refused);
  CHECK(shown(load(*store, turned, OnConflict::update)) == "0 0 2 0");
  CHECK(holds(*store, turned));
}

void absent_columns_are_left_alone(StoreFixture& fixture) {
  const auto store = fixture.open();
  load(*store, batch_of(kWide, {wide_row(1, 7, "text", "2001-03-21", R"({"62":"N"})")}));
  const FactLayout narrow{{Property::lh_object_uid, Property::fact_uid, Property::rel_type_uid,
                           Property::rh_object_uid},
                          false};
  CHECK(shown(load(*store, batch_of(narrow, {{10, 1, 5138, 20}}))) == "0 1 0 0");
  CHECK(shown(load(*store, batch_of(narrow, {{11, 1, 5138, 20}}), OnConflict::update)) ==
        "0 0 1 0");
  CHECK(holds(*store,
              batch_of(kWide, {{7, 11, 1, 5138, 20, "text", "2001-03-21", R"({"62":"N"})"}})));
}

void doubles_of_the_input(StoreFixture& fixture) {
  const auto store = fixture.open();
  CHECK(shown(load(*store, batch_of({{1}, {1}, {1}}))) == "1 2 0 0");
  const auto differing = batch_of({{2, 10, "pump"}, {2, 10, "valve"}});
  CHECK(thrown_by([&] { load(*store, differing); }).code == ErrorCode::refused);
  CHECK(store->info().facts == 1);
  CHECK(shown(load(*store, differing, OnConflict::skip)) == "1 0 0 1");
  CHECK(holds(*store, batch_of({{2, 10, "pump"}})));
  const auto again = batch_of({{3, 30, "pump"}, {3, 30, "valve"}});
  CHECK(shown(load(*store, again, OnConflict::update)) == "1 0 1 0");
  CHECK(holds(*store, batch_of({{3, 30, "valve"}})));
  CHECK(fixture.names().at(30) == "valve");
}

void batches_of_several_layouts(StoreFixture& fixture) {
  const auto store = fixture.open();
  const auto session = store->begin_load(OnConflict::fail);
  session->add(batch_of({{1}}));
  session->add(batch_of(kWide, {wide_row(2, 7, "text", nullptr, nullptr)}));
  session->add(batch_of({{3}}));
  session->add(batch_of({}));
  CHECK(shown(session->finish()) == "3 0 0 0");
  session->commit({});
  CHECK(holds(*store, batch_of({{1}, {3}})));
  CHECK(holds(*store, batch_of(kWide, {wide_row(2, 7, "text", nullptr, nullptr)})));
}

void odd_texts_are_kept(StoreFixture& fixture) {
  const auto store = fixture.open();
  Uid fact = 0;
  for (const std::string text : {"it's; DROP TABLE fact; --", "\"quoted\"", "two\nlines\ttab\\",
                                 "d\xC3\xA9j\xC3\xA0 \xF0\x9F\x98\x80", " blanks ", "null", "1"}) {
    CAPTURE(text);
    const auto batch = batch_of(kWide, {wide_row(++fact, nullptr, text, nullptr, nullptr)});
    load(*store, batch);
    CHECK(holds(*store, batch));
  }
  const auto large =
      batch_of(kWide, {wide_row(99, 1, std::string(1 << 20, 'x'), nullptr, nullptr)});
  load(*store, large);
  CHECK(holds(*store, large));
}

void watermark_grows_with_changes(StoreFixture& fixture) {
  const auto store = fixture.open();
  const auto watermark = [&] { return store->info().watermark; };
  load(*store, batch_of({{1}}));
  const auto first = watermark();
  CHECK(first > 0);
  load(*store, batch_of({{1}}));
  load(*store, batch_of({{1, 11}}), OnConflict::skip);
  CHECK(watermark() == first);
  load(*store, batch_of({{1, 11}}), OnConflict::update);
  const auto second = watermark();
  CHECK(second > first);
  load(*store, batch_of({{2}}));
  CHECK(watermark() > second);
  CHECK(fixture.open()->read_facts()->watermark() == watermark());
}

void entities_are_named(StoreFixture& fixture) {
  const auto store = fixture.open();
  load(*store, batch_of({{5, 1, "left of 5", 5138, 2, "right of 5"}, {6, 3, "", 5138, 4, ""}}));
  CHECK(fixture.names() == Names{{1, "left of 5"}, {2, "right of 5"}, {3, ""}, {4, ""}});
  load(*store, batch_of({{7, 9, "x", 5138, 1, "right of 7"},
                         {4, 9, "x", 5138, 2, "right of 4"},
                         {8, 3, "left of 8", 1726, 4, ""}}));
  CHECK(fixture.names() ==
        Names{{1, "right of 7"}, {2, "right of 4"}, {3, "left of 8"}, {4, ""}, {9, "x"}});
  load(*store, batch_of({{20, 1, "special", 1146, 2, "late"}, {21, 1, "later", 1146, 2, "late"}}));
  load(*store, batch_of({{19, 2, "named", 1146, 4, "thing"}}));
  CHECK(fixture.names() ==
        Names{{1, "special"}, {2, "named"}, {3, "left of 8"}, {4, "thing"}, {9, "x"}});
  CHECK(store->info().entities == 5);
}

void updates_rename_entities(StoreFixture& fixture) {
  const auto store = fixture.open();
  load(*store, batch_of({{1, 10, "special", 1146, 20, "thing"},
                         {2, 30, "x", 5138, 10, "right"},
                         {3, 10, "left", 5138, 40, "only here"}}));
  CHECK(fixture.names().at(10) == "special");
  load(*store, batch_of({{1, 10, "special", 5138, 20, "thing"}}), OnConflict::update);
  CHECK(fixture.names().at(10) == "right");
  load(*store, batch_of({{2, 30, "x", 5138, 10, ""}}), OnConflict::update);
  CHECK(fixture.names().at(10) == "special");
  load(*store, batch_of({{3, 10, "left", 5138, 20, "other thing"}}), OnConflict::update);
  CHECK(fixture.names() == Names{{10, "special"}, {20, "thing"}, {30, "x"}});
  CHECK(store->info().entities == 3);
}

void many_facts(StoreFixture& fixture) {
  const auto store = fixture.open();
  constexpr Uid kCount = 5000;
  std::vector<Fact> facts;
  for (Uid i = kCount; i > 0; --i) facts.push_back({i, 10 + i % 1000, "n" + std::to_string(i)});
  CHECK(shown(load(*store, batch_of(facts))) == "5000 0 0 0");
  CHECK(holds(*store, batch_of(facts)));
  CHECK(store->info().entities == 1000);
}

}  // namespace prism::contract
