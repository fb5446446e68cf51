#include <doctest/doctest.h>

#include <prism/store/migration.hpp>

#include "support/thrown.hpp"

namespace prism::store {
namespace {

using test::thrown_by;

std::vector<Migration> three() {
  return {{1, "001_a.sql", "up 1", "down 1"},
          {2, "002_b.up.sql", "up 2\n", "down 2\n"},
          {5, "005_c.sql", "up 5", ""}};
}

/// `up 1, down 2`
std::string shown(const MigrationPlan& plan) {
  std::string text;
  for (const MigrationStep& step : plan.steps) {
    text += (text.empty() ? "" : ", ") + std::string(direction_name(step.direction)) + " " +
            std::to_string(step.version);
    CHECK(step.sql.starts_with(direction_name(step.direction)));
  }
  return text;
}

AppliedMigration applied(const Migration& migration) {
  return {migration.version, migration.name, checksum_of(migration.up)};
}

}  // namespace

TEST_CASE("store: the way from one version to another") {
  CHECK(shown(plan({0, three()})) == "up 1, up 2, up 5");
  CHECK(shown(plan({1, three()})) == "up 2, up 5");
  CHECK(shown(plan({5, three()})) == "");
  CHECK(shown(plan({0, three()}, 2)) == "up 1, up 2");
  CHECK(shown(plan({2, three()}, 0)) == "down 2, down 1");
  CHECK(shown(plan({2, three()}, 1)) == "down 2");
  CHECK(shown(plan({0, {}})) == "");
  const MigrationPlan two = plan({0, three()}, 2);
  CHECK(two.from == 0);
  CHECK(two.to == 2);
}

TEST_CASE("store: versions that nobody knows, and steps without a way back, are refused") {
  const auto newer = thrown_by([] { plan({6, three()}); });
  CHECK(newer.code == ErrorCode::configuration);
  CHECK(newer.message == "schema version 6 is newer than this program knows (5)");
  CHECK(thrown_by([] { plan({6, three()}, 1); }).code == ErrorCode::configuration);
  const auto unknown = thrown_by([] { plan({0, three()}, 3); });
  CHECK(unknown.code == ErrorCode::usage);
  CHECK(unknown.message == "there is no version 3");
  CHECK(unknown.hint == "known are 0, 1, 2, 5");
  const auto no_way_back = thrown_by([] { plan({5, three()}, 0); });
  CHECK(no_way_back.code == ErrorCode::refused);
  CHECK(no_way_back.message == "version 5 (005_c.sql) has no way back");
  CHECK(no_way_back.hint == "it would be in 005_c.down.sql");
}

TEST_CASE("store: what was applied must be what it was, and nothing may come too late") {
  auto migrations = three();
  const std::vector<AppliedMigration> both{applied(migrations[0]), applied(migrations[1])};
  check_applied(migrations, both);
  check_applied({}, both);
  migrations[1].down = "another way down";
  check_applied(migrations, both);
  migrations[1].up = "changed";
  const auto changed = thrown_by([&] { check_applied(migrations, both); });
  CHECK(changed.code == ErrorCode::refused);
  CHECK(changed.message == "002_b.up.sql: changed since it was applied: SHA-256 was " +
                               both[1].checksum + ", is " + checksum_of("changed"));
  const auto late = thrown_by([&] { check_applied(three(), std::vector{both[1]}); });
  CHECK(late.code == ErrorCode::refused);
  CHECK(late.message == "001_a.sql: was not applied, but version 2 was");
  CHECK(late.hint == "give it a number above 2");
}

TEST_CASE("store: those that are no longer there are told") {
  const auto migrations = three();
  CHECK(missing_among(migrations, std::vector{applied(migrations[0])}).empty());
  const auto missing = missing_among(migrations, std::vector{applied({4, "004_x.sql", "", ""})});
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].name == "004_x.sql");
}

TEST_CASE("store: a checksum is the one that sha256sum prints") {
  CHECK(checksum_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("store: the steps as a script, each named by its file") {
  CHECK(as_script(plan({0, three()}, 2).steps) ==
        "-- up 1: 001_a.sql\nup 1\n-- up 2: 002_b.up.sql\nup 2\n");
  CHECK(as_script(plan({2, three()}, 0).steps) ==
        "-- down 2: 002_b.down.sql\ndown 2\n-- down 1: 001_a.down.sql\ndown 1\n");
  CHECK(source_of({3, "tables", Direction::down, ""}) == "migration 3 (tables)");
}

}  // namespace prism::store
