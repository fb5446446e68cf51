#include <filesystem>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <prism/drivers/postgres/tools.hpp>

#include "support/postgres.hpp"
#include "support/services.hpp"
#include "systems/system.hpp"

namespace prism::test {
namespace {

constexpr const char* kCalls =
    "SELECT string_agg(number || ' ' || place, ',' ORDER BY number) FROM call";

std::string environment_of(const std::string& url) {
  return fmt::format(
      "DATABASE_URL=\"{}?schema=public\"\nPOSTGRES_USER=prism\nPOSTGRES_PASSWORD={}\n"
      "POSTGRES_DB=intercept\n",
      url, password_of(url));
}

/// One database, by a URL that other programs understand and libpq does not.
class Intercept {
 public:
  Intercept() {
    system_.write("migrations/001_initial.sql",
                  "CREATE TABLE call (number bigint PRIMARY KEY, place text NOT NULL);\n");
    system_.write("migrations/002_place.up.sql", "CREATE INDEX call_place ON call (place);\n");
  }

  std::string migrate(Words more = {}) const {
    more.insert(more.begin(), {"migrate", "--dir", "migrations", "--target", "store"});
    return system_.print(more);
  }

  /// As its own program would.
  void fill() const {
    migrate();
    database_.execute("INSERT INTO call VALUES (1, 'Oslo'), (2, 'Bergen')");
  }

  bool has_calls() const {
    return database_.text("SELECT to_regclass('public.call') IS NOT NULL") == "t";
  }
  Contents contents() const {
    return {{"store", database_.exists() ? database_.text(kCalls) : "none"}};
  }

  const PostgresDatabase& database() const { return database_; }
  const System& system() const { return system_; }

 private:
  PostgresDatabase database_;
  System system_{environment_of(database_.url())};
};

/// A program of that version would be found beside those of Debian 12.
bool has_client_of_17() {
  return postgres::find_tools("pg_dump", {}, Cancel()).front().major >= 17;
}

std::string folder_of_tools() {
  const auto tool = postgres::find_tool("pg_dump", {}, {}, Cancel());
  return std::filesystem::path(tool.program).parent_path().string();
}

}  // namespace

TEST_CASE("systems: intercept: a database by a URL with ?schema= is migrated, lost and restored") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Intercept intercept;
  CHECK(missing_in(intercept.migrate({"--dry-run"}),
                   {"-- up 1: 001_initial.sql", "-- up 2: 002_place.up.sql", "version 0 of 2"}) ==
        "");
  CHECK_FALSE(intercept.has_calls());
  intercept.fill();
  survive(intercept.system(), {.contents = [&] { return intercept.contents(); },
                               .strike = [&] { intercept.database().drop(); }});
  CHECK(intercept.migrate() == "schema version 2: nothing to do\n");
}

TEST_CASE("systems: intercept: an extension that is missing where it is restored is named first") {
  if (!has_service("PRISM_TEST_POSTGRES") || !has_service("PRISM_TEST_POSTGRES_17")) return;
  const Intercept intercept;
  intercept.fill();
  // One that PostgreSQL 17 no longer has, as a server without pg_duckdb lacks that.
  intercept.database().execute("CREATE EXTENSION adminpack");
  intercept.system().print({"backup"});
  const PostgresDatabase other(service("PRISM_TEST_POSTGRES_17").value());
  const Words restore{"restore", "latest", "--target", "store", "--into", other.url()};
  for (const bool dry : {true, false}) {
    Words words = restore;
    if (dry) words.emplace_back("--dry-run");
    const Ended refused = intercept.system().run(words);
    CHECK(refused.code == 78);
    CHECK(missing_in(refused.err, {"this server lacks extensions of the backup: adminpack",
                                   "nothing was touched"}) == "");
  }
  CHECK(other.integer("SELECT count(*) FROM pg_class WHERE relname = 'call'") == 0);
  if (has_client_of_17()) return;
  intercept.database().execute("DROP EXTENSION adminpack");
  intercept.system().print({"backup"});
  const Ended older = intercept.system().run(restore);
  CHECK(older.code == 78);
  CHECK(missing_in(older.err, {"pg_restore is of version 15.", "but the server is of 17."}) == "");
}

TEST_CASE(
    "systems: intercept: a server that is newer than pg_dump is refused, with both versions") {
  if (!has_service("PRISM_TEST_POSTGRES_17") || has_client_of_17()) return;
  const PostgresDatabase database(service("PRISM_TEST_POSTGRES_17").value());
  database.execute("CREATE TABLE call (number bigint)");
  const System system(environment_of(database.url()));
  CHECK(missing_in(system.print({"status"}), {"store", "17.11"}) == "");
  for (const Words& more : {Words{}, Words{"--pg-bin", folder_of_tools()}}) {
    Words words{"backup"};
    words.insert(words.end(), more.begin(), more.end());
    const Ended refused = system.run(words);
    CAPTURE(refused.out);
    CHECK(refused.code == 2);
    CHECK(missing_in(refused.out, {"pg_dump is of version 15.", "but the server is of 17.11",
                                   "postgresql-client-17", "--pg-bin"}) == "");
  }
}

TEST_CASE("systems: intercept: --pg-bin names the programs that are used") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Intercept intercept;
  intercept.fill();
  std::filesystem::create_directory(intercept.system() / "empty");
  const Ended none = intercept.system().run({"backup", "--pg-bin", "empty"});
  CHECK(none.code == 2);
  CHECK(missing_in(none.out, {"empty: there is no 'pg_dump' of PostgreSQL in it"}) == "");
  intercept.system().print({"backup", "--pg-bin", folder_of_tools()});
  CHECK(intercept.system().run({"backup", "verify", "--pg-bin", "empty"}).code == 1);
  intercept.system().print({"backup", "verify", "--pg-bin", folder_of_tools()});
}

}  // namespace prism::test
