#include <random>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <pqxx/pqxx>

#include <prism/base/error.hpp>
#include <prism/drivers/postgres/component.hpp>

#include "support/memory_artifacts.hpp"
#include "support/postgres.hpp"
#include "support/quiet.hpp"
#include "support/services.hpp"
#include "support/thrown.hpp"

namespace prism::test {

TEST_CASE("fault: postgresql target: a user who may not create databases restores in place") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const PostgresDatabase database;
  const std::string role = database.name() + "_user";
  database.execute("CREATE ROLE " + role +
                   " LOGIN PASSWORD 'pass word'; CREATE EXTENSION citext; "
                   "GRANT CREATE ON DATABASE " +
                   database.name() + " TO " + role + "; GRANT CREATE ON SCHEMA public TO " + role);
  std::string url = database.url();
  url.replace(13, url.find('@') - 13, role + ":pass%20word");
  {
    pqxx::connection connection(url);
    pqxx::nontransaction(connection)
        .exec(
            "CREATE TABLE public.a (x citext PRIMARY KEY); INSERT INTO public.a VALUES ('one'), "
            "('two'); SELECT lo_from_bytea(7, 'seven')");
  }
  Quiet quiet;
  const auto open = [&](bool in_place) {
    return postgres::open_component({.url = url, .in_place = in_place}, quiet.log(),
                                    quiet.cancel());
  };
  MemoryArtifacts artifacts;
  const auto content = open(false)->dump(artifacts);
  CHECK(open(false)->check(artifacts).counts == content.counts);
  database.execute("DELETE FROM public.a WHERE x = 'one'; CREATE TABLE public.newer (x int)");
  const Thrown thrown = thrown_by([&] { open(false)->restore(artifacts); });
  CHECK(thrown.code == ErrorCode::permission);
  CHECK(thrown.hint.find("--in-place") != std::string::npos);
  CHECK(open(true)->restore(artifacts).counts == content.counts);
  CHECK(database.text("SELECT string_agg(x::text, ',' ORDER BY x) FROM public.a") == "one,two");
  CHECK(database.text("SELECT to_regclass('public.newer') IS NOT NULL") == "t");
  database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_CASE("fault: postgresql target: a user with CREATEDB alone replaces what is its own") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const PostgresDatabase database;
  const std::string role = database.name() + "_creator";
  database.execute("CREATE ROLE " + role + " LOGIN CREATEDB PASSWORD 'pass word'");
  database.execute("ALTER DATABASE " + database.name() + " OWNER TO " + role);
  std::string url = database.url();
  url.replace(13, url.find('@') - 13, role + ":pass%20word");
  const auto execute = [&](const char* sql) {
    pqxx::connection connection(url);
    pqxx::nontransaction(connection).exec(sql);
  };
  execute(
      "CREATE EXTENSION citext; CREATE TABLE a (x citext PRIMARY KEY); INSERT INTO a VALUES "
      "('one'); ALTER TABLE a ENABLE ROW LEVEL SECURITY; ALTER TABLE a FORCE ROW LEVEL "
      "SECURITY; CREATE POLICY p ON a USING (true)");
  Quiet quiet;
  MemoryArtifacts artifacts;
  const auto open = [&] {
    return postgres::open_component({.url = url}, quiet.log(), quiet.cancel());
  };
  CHECK(thrown_by([&] { open()->dump(artifacts); }).code == ErrorCode::permission);
  execute("ALTER TABLE a NO FORCE ROW LEVEL SECURITY");
  artifacts.content.clear();
  open()->dump(artifacts);
  CHECK(artifacts.content.at("globals.sql").find("PASSWORD") == std::string::npos);
  CHECK(artifacts.content.at("globals.sql").find(role) != std::string::npos);
  execute("DROP TABLE a");
  open()->restore(artifacts);
  CHECK(database.text("SELECT x FROM a") == "one");
  CHECK(database.text("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = "
                      "current_database()") == role);
  database.execute("REASSIGN OWNED BY " + role + " TO prism; DROP OWNED BY " + role +
                   "; ALTER DATABASE " + database.name() + " OWNER TO prism; DROP ROLE " + role);
}

TEST_CASE("fault: postgresql target: encoding and locale are those of the source") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const std::string server = postgres_server();
  const std::string name = fmt::format("prism_test_locale_{:08x}", std::random_device()());
  const auto execute = [](const std::string& url, const std::string& sql) {
    pqxx::connection connection(url);
    connection.set_client_encoding("UTF8");
    pqxx::nontransaction(connection).exec(sql);
  };
  const auto text = [&](const std::string& database, const std::string& sql) {
    pqxx::connection connection(with_database(server, database));
    connection.set_client_encoding("UTF8");
    return pqxx::nontransaction(connection).exec1(sql)[0].as<std::string>();
  };
  for (const std::string options : {"ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C'",
                                    "ENCODING SQL_ASCII LC_COLLATE 'C' LC_CTYPE 'C'",
                                    "LOCALE_PROVIDER icu ICU_LOCALE 'de-AT'"}) {
    CAPTURE(options);
    execute(server, "CREATE DATABASE " + name + " TEMPLATE template0 " + options);
    execute(with_database(server, name),
            "CREATE TABLE \"caf\u00e9\" (x text); "
            "INSERT INTO \"caf\u00e9\" VALUES ('\u00e9t\u00e9')");
    const std::string about =
        "SELECT pg_encoding_to_char(encoding) || datcollate || datctype || datlocprovider::text || "
        "coalesce(daticulocale, '') FROM pg_database WHERE datname = '" +
        name + "'";
    const std::string before = text("postgres", about);
    Quiet quiet;
    MemoryArtifacts artifacts;
    const auto open = [&] {
      return postgres::open_component({.url = with_database(server, name)}, quiet.log(),
                                      quiet.cancel());
    };
    const auto counts = open()->dump(artifacts).counts;
    CHECK(open()->present(prism::backup::Look::counted)->counts == counts);
    CHECK(open()->check(artifacts).counts == counts);
    execute(server, "DROP DATABASE " + name);
    CHECK(open()->restore(artifacts).counts == counts);
    CHECK(text("postgres", about) == before);
    CHECK(text(name, "SELECT x FROM \"caf\u00e9\"") == "\u00e9t\u00e9");
    execute(server, "DROP DATABASE " + name);
  }
}

}  // namespace prism::test
