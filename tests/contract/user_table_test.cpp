#include "contract/user_table.hpp"

#include <prism/drivers/drivers.hpp>

#include "cli/cli.hpp"
#include "support/postgres.hpp"
#include "support/quiet.hpp"
#include "support/services.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism {
namespace {

class SqliteUsers : public contract::UserFixture {
 public:
  SqliteUsers() { folder_.write("u.db", ""); }

  std::unique_ptr<setup::UserTable> open() override {
    return drivers::open_user_table({"users", "sqlite", (folder_ / "u.db").string(), "", ""},
                                    {.access = Access::create}, quiet_.log(), quiet_.cancel());
  }
  void execute(const std::string& sql) override { test::Sql(folder_ / "u.db").execute(sql); }
  std::string text(const std::string& sql) override {
    return test::Sql(folder_ / "u.db").text(sql);
  }

 private:
  test::Folder folder_;
  test::Quiet quiet_;
};

class PostgresUsers : public contract::UserFixture {
 public:
  explicit PostgresUsers(const std::string& server)
      : url_(test::with_database(server, database_.name())) {}

  std::unique_ptr<setup::UserTable> open() override { return open_in(""); }
  std::unique_ptr<setup::UserTable> open_in(const std::string& schema) {
    return drivers::open_user_table({"users", "postgresql", url_, schema, ""},
                                    {.access = Access::create}, quiet_.log(), quiet_.cancel());
  }
  void execute(const std::string& sql) override { database_.execute(sql); }
  std::string text(const std::string& sql) override { return database_.text(sql); }

 private:
  test::PostgresDatabase database_;
  std::string url_;
  test::Quiet quiet_;
};

void check(const char* server, void (*check)(contract::UserFixture&)) {
  if (!test::has_service("PRISM_TEST_POSTGRES") || !test::has_service(server)) return;
  PostgresUsers fixture(*test::service(server));
  check(fixture);
}

}  // namespace

#define CASE(name, words)                              \
  TEST_CASE("contract: users in sqlite: " words) {     \
    SqliteUsers fixture;                               \
    contract::name(fixture);                           \
  }                                                    \
  TEST_CASE("contract: users in postgresql: " words) { \
    check("PRISM_TEST_POSTGRES", contract::name);      \
  }                                                    \
  TEST_CASE("contract: users in pgbouncer: " words) {  \
    check("PRISM_TEST_PGBOUNCER", contract::name);     \
  }
PRISM_USER_TABLE_CONTRACT(CASE)
#undef CASE

TEST_CASE("contract: users in postgresql: they are in the schema named, else by the search path") {
  if (!test::has_service("PRISM_TEST_POSTGRES")) return;
  PostgresUsers fixture(test::postgres_server());
  fixture.execute("CREATE SCHEMA \"of the \"\"app\"");
  const auto named = fixture.open_in("of the \"app");
  CHECK(named->create());
  CHECK(named->add({.username = "anna", .email = ""}, "x") == setup::AddOutcome::added);
  CHECK(fixture.text("SELECT count(*) FROM \"of the \"\"app\".users") == "1");
  const auto other = fixture.open();
  CHECK_FALSE(other->find("anna").has_value());
  CHECK(other->create());
  CHECK(fixture.text("SELECT count(*) FROM public.users") == "0");
  const auto thrown = test::thrown_by([&] { fixture.open_in("nowhere")->create(); });
  CHECK(thrown.code == ErrorCode::configuration);
}

TEST_CASE("contract: users in sqlite: a file that is not there holds none, and none is made") {
  test::Folder folder;
  test::Quiet quiet;
  const config::Target target{"users", "sqlite", (folder / "u.db").string(), "", ""};
  const auto thrown =
      test::thrown_by([&] { drivers::open_user_table(target, {}, quiet.log(), quiet.cancel()); });
  CHECK(thrown.code == ErrorCode::input_missing);
  CHECK_FALSE(std::filesystem::exists(folder / "u.db"));
}

TEST_CASE("contract: users are in PostgreSQL and SQLite only") {
  test::Quiet quiet;
  const auto thrown = test::thrown_by([&] {
    drivers::open_user_table({"graph", "neo4j", "bolt://localhost", "", ""}, {}, quiet.log(),
                             quiet.cancel());
  });
  CHECK(thrown.code == ErrorCode::configuration);
  CHECK(thrown.says("target graph: neo4j holds no users"));
}

}  // namespace prism
