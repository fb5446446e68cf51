#include "support/postgres.hpp"

#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/services.hpp"

namespace prism::test {
namespace {

/// A command line in front of a database of its own.
struct Scene {
  explicit Scene(const std::string& server = postgres_server()) : database(server) {
    cli.write("base.csv", table({"5001,6001,1146,7000", ",6002,1146,101", "5003,101,1146,7000"}));
  }

  Ended seed(const std::string& url, const Variables& variables = {}) const {
    return cli({"seed", "base.csv", "--store", url}, variables);
  }

  Cli cli;
  PostgresDatabase database;
};

bool is_there() { return has_service("PRISM_TEST_POSTGRES"); }

struct UrlParts {
  explicit UrlParts(const std::string& url) {
    const auto authority = url.find("://") + 3, at = url.find('@'), slash = url.find('/', at);
    const auto colon = url.find(':', authority), port_colon = url.rfind(':', slash);
    user = url.substr(authority, colon - authority);
    password = url.substr(colon + 1, at - colon - 1);
    host = url.substr(at + 1, port_colon - at - 1);
    port = url.substr(port_colon + 1, slash - port_colon - 1);
  }
  std::string user, password, host, port;
};

std::string tls_file(const std::string& name) {
  return *service("PRISM_TEST_TLS_DIR") + "/" + name;
}

}  // namespace

TEST_CASE("cli: postgresql: seed, status, uid and import on a database that was empty") {
  if (!is_there()) return;
  const Scene scene;
  const std::string url = scene.database.url();
  const Ended seeded = scene.seed(url);
  CAPTURE(seeded.err);
  CHECK(seeded.code == 0);
  CHECK(missing_in(seeded.out, {"3 facts", "cache: none configured"}) == "");
  CHECK(scene.database.text("SELECT string_agg(fact_uid::text, ' ' ORDER BY fact_uid) FROM "
                            "prism.fact") == "5001 5003 2000000000");
  CHECK(scene.database.text("SELECT name FROM prism.entity WHERE uid = 1000000000") ==
        "name of 101");

  const Json status = scene.cli.json({"status", "--store", url});
  CHECK(status.at("state") == "ok");
  CHECK(status.at("store").at("kind") == "PostgreSQL");
  CHECK(status.at("store").at("facts") == 3);
  CHECK(scene.cli({"seed", "base.csv", "--store", url}).code == 73);
  CHECK(scene.cli({"seed", "base.csv", "--if-empty", "--store", url}).code == 0);
  const Ended again = scene.cli({"seed", "base.csv", "--append", "--store", url});
  CHECK(missing_in(again.out, {"0 facts inserted", "3 unchanged"}) == "");

  CHECK(scene.cli({"uid", "reserve", "--kind", "fact", "-n", "3", "--store", url}).out ==
        "2000000001 2000000003\n");
  scene.cli.write("changed.csv", table({"5001,6009,1146,7000"}));
  const Ended conflict = scene.cli({"import", "changed.csv", "--store", url});
  CHECK(conflict.code == 73);
  CHECK(missing_in(conflict.err, {"lh_object_uid is '6001', the input has '6009'"}) == "");
  CHECK(scene.cli({"import", "changed.csv", "--store", url, "--on-conflict", "update"}).code == 0);
  CHECK(scene.database.text("SELECT lh_object_uid FROM prism.fact WHERE fact_uid = 5001") ==
        "6009");
  CHECK(scene.cli({"import", "changed.csv", "--store", url, "--dry-run"}).code == 0);
}

TEST_CASE("cli: postgresql: the cache of a PostgreSQL store may lie in an SQLite file") {
  if (!is_there()) return;
  const Scene scene;
  const Words words{"seed", "base.csv", "--store", scene.database.url(), "--cache", "cache.db"};
  CHECK(scene.cli(words).code == 0);
  CHECK(
      Sql(scene.cli / "cache.db").text("SELECT members FROM cache_facts WHERE entity_uid = 7000") ==
      "[5001,5003]");
  const Ended dry = scene.cli(
      {"rebuild-cache", "--dry-run", "--store", scene.database.url(), "--cache", "cache.db"});
  CHECK(missing_in(dry.out, {"0 of ", " keys differ"}) == "");
  CHECK(
      scene.cli({"rebuild-cache", "--store", scene.database.url(), "--cache", scene.database.url()})
          .code == 78);
}

TEST_CASE("cli: postgresql: another schema, by setting or as other programs write it in the URL") {
  if (!is_there()) return;
  const Scene scene;
  const std::string url = scene.database.url();
  CHECK(scene.seed(url, {{"PRISMCTL_POSTGRES_SCHEMA", "My \"own\""}}).code == 0);
  CHECK(scene.database.integer("SELECT count(*) FROM \"My \"\"own\"\"\".fact") == 3);
  CHECK(scene.seed(url + "?schema=facts&sslmode=prefer").code == 0);
  CHECK(scene.database.integer("SELECT count(*) FROM facts.fact") == 3);
  CHECK(scene.cli({"status", "--store", url}).code == 3);
}

TEST_CASE("cli: postgresql: libpq's environment, password file and service file count") {
  if (!is_there()) return;
  const Scene scene;
  const UrlParts parts(scene.database.url());
  const Variables by_environment{{"PGHOST", parts.host},
                                 {"PGPORT", parts.port},
                                 {"PGUSER", parts.user},
                                 {"PGPASSWORD", parts.password},
                                 {"PGDATABASE", scene.database.name()}};
  CHECK(scene.seed("postgresql://", by_environment).code == 0);
  const auto pass =
      scene.cli.write("pass", "*:" + parts.port + ":*:" + parts.user + ":" + parts.password + "\n");
  std::filesystem::permissions(pass, std::filesystem::perms::owner_read);
  const std::string place = parts.user + "@" + parts.host + ":" + parts.port + "/";
  CHECK(scene
            .cli({"status", "--store", "postgresql://" + place + scene.database.name()},
                 {{"PGPASSFILE", pass.string()}})
            .code == 0);
  const auto services = scene.cli.write(
      "services", "[facts]\nhost=" + parts.host + "\nport=" + parts.port + "\nuser=" + parts.user +
                      "\npassword=" + parts.password + "\ndbname=" + scene.database.name() + "\n");
  CHECK(scene
            .cli({"status", "--store", "postgresql://?service=facts"},
                 {{"PGSERVICEFILE", services.string()}})
            .code == 0);
  const Ended none = scene.cli({"status", "--store", "postgresql://" + place + "postgres"});
  CHECK(none.code == 77);
  CHECK(missing_in(none.err, {"the server wants a password", "PGPASSFILE"}) == "");
}

TEST_CASE("cli: postgresql: what a server refuses has its exit code and hint") {
  if (!is_there()) return;
  const Scene scene;
  const UrlParts parts(scene.database.url());
  const std::string place = "@" + parts.host + ":" + parts.port + "/" + scene.database.name();
  const auto refused = [&](const std::string& url) { return scene.seed(url); };

  const Ended password = refused("postgresql://" + parts.user + ":wrong-secret" + place);
  CHECK(password.code == 77);
  CHECK(missing_in(password.err, {"SQLSTATE 28P01", "HINT: check the user and the password"}) ==
        "");
  CHECK(password.err.find("wrong-secret") == std::string::npos);

  const Ended database = refused(with_database(scene.database.url(), "no_such_database"));
  CHECK(database.code == 78);
  CHECK(missing_in(database.err, {"SQLSTATE 3D000", "HINT: create the database"}) == "");

  scene.database.execute(
      "DROP ROLE IF EXISTS prism_poor; CREATE ROLE prism_poor LOGIN PASSWORD "
      "'poor-secret'");
  const Ended right = refused("postgresql://prism_poor:poor-secret" + place);
  CHECK(right.code == 77);
  CHECK(missing_in(right.err, {"SQLSTATE 42501", "HINT: the database user lacks a right"}) == "");

  const Ended nobody = refused("postgresql://u:p@127.0.0.1:1/x");
  CHECK(nobody.code == 69);
  CHECK(missing_in(nobody.err, {"HINT: check that the server runs"}) == "");

  const Ended nonsense = refused("postgresql://u:secret@h:p:q/x?nonsense=1");
  CHECK(nonsense.code == 78);
  CHECK(nonsense.err.find("secret") == std::string::npos);

  CHECK(scene.seed(scene.database.url(), {{"POSTGRES_MAX_CONNECTIONS", "1"}}).code == 78);
  CHECK(scene.cli({"status", "--store", scene.database.url()}).code == 3);
}

TEST_CASE("cli: postgresql: statements that take longer than they may are told as such") {
  if (!is_there()) return;
  const Scene scene;
  REQUIRE(scene.seed(scene.database.url()).code == 0);
  const PostgresTransaction other(scene.database);
  other.execute("LOCK TABLE prism.entity IN ACCESS EXCLUSIVE MODE");
  const Ended ended = scene.cli({"status", "--store", scene.database.url()},
                                {{"POSTGRES_STATEMENT_TIMEOUT", "200"}});
  CHECK(ended.code == 69);
  CHECK(missing_in(ended.err, {"SQLSTATE 57014", "POSTGRES_STATEMENT_TIMEOUT"}) == "");
}

TEST_CASE("cli: postgresql: tables of another program in the schema are left alone") {
  if (!is_there()) return;
  const Scene scene;
  scene.database.execute("CREATE SCHEMA prism; CREATE TABLE prism.fact (a int)");
  const Ended refused = scene.seed(scene.database.url());
  CHECK(refused.code == 73);
  CHECK(scene.database.integer("SELECT count(*) FROM pg_tables WHERE schemaname = 'prism'") == 1);
}

TEST_CASE("cli: postgresql: a certificate that does not fit is refused, up to verify-full") {
  if (!is_there()) return;
  const Scene scene;
  const std::string url = scene.database.url();
  const auto verified = [&](const std::string& of, const std::string& ca) {
    return scene.seed(of + "?sslmode=verify-full&sslrootcert=" + tls_file(ca));
  };
  const Ended right = verified(url, "ca.crt");
  CAPTURE(right.err);
  CHECK(right.code == 0);
  const Ended other = verified(url, "other-ca.crt");
  CHECK(other.code == 77);
  CHECK(missing_in(other.err, {"certificate verify failed", "sslrootcert"}) == "");
  const PrivateServer wrong("postgres", {"--certificate", "wrong-host"});
  const Scene there(wrong.value("PRISM_TEST_POSTGRES"));
  const std::string wrong_ca = wrong.value("PRISM_TEST_TLS_DIR") + "/ca.crt";
  CHECK(there.seed(there.database.url() + "?sslmode=verify-ca&sslrootcert=" + wrong_ca).code == 0);
  const Ended host =
      there.seed(there.database.url() + "?sslmode=verify-full&sslrootcert=" + wrong_ca);
  CAPTURE(host.err);
  CHECK(host.code == 77);
}

TEST_CASE("cli: postgresql: a NUL byte, which PostgreSQL can't hold, is told with its value") {
  if (!is_there()) return;
  const Scene scene;
  scene.cli.write("nul.csv",
                  table({"5001,6001,1146,7000"}) + std::string("5002,6002,a\0b,1146,7000,c\n", 26));
  const Ended ended = scene.cli({"import", "nul.csv", "--store", scene.database.url()});
  CAPTURE(ended.err);
  CHECK((ended.code == 65 || ended.code == 1));
  CHECK(scene.cli({"status", "--store", scene.database.url()}).code == 0);
}

TEST_CASE("cli: postgresql: passwords show up nowhere") {
  if (!is_there()) return;
  const Scene scene;
  const UrlParts parts(scene.database.url());
  const std::string secret = parts.password;
  const std::string url = scene.database.url();
  std::string shown;
  const auto add = [&](const Ended& ended) { shown += ended.out + ended.err; };
  const Words log{"--log-level", "debug", "--log-file", "log.txt"};
  const auto with_log = [&](Words words) {
    words.insert(words.end(), log.begin(), log.end());
    return words;
  };
  add(scene.cli(with_log({"seed", "base.csv", "--store", url})));
  add(scene.cli(with_log({"seed", "base.csv", "--store", url, "--json"})));
  add(scene.cli(with_log({"status", "--store", url})));
  add(scene.cli(with_log({"config", "--store", url})));
  add(scene.cli(with_log({"config", "--json"}), {{"PRISMCTL_STORE", url}}));
  add(scene.cli(with_log({"status", "--store", with_database(url, "nowhere")})));
  add(scene.cli(with_log({"seed", "base.csv", "--store", url + "?sslpassword=" + secret})));
  add(scene.cli(with_log({"import", "none.csv", "--store", url})));
  CHECK(shown.find(secret) == std::string::npos);
  CHECK(content_of(scene.cli / "log.txt").find(secret) == std::string::npos);
  CHECK(content_of(scene.cli.audit_file()).find(secret) == std::string::npos);
  CHECK(scene.database.integer("SELECT count(*) FROM prism.run WHERE strpos(run::text, '" + secret +
                               "') > 0") == 0);

  const PostgresTransaction other(scene.database);
  other.execute("LOCK TABLE prism.fact IN ACCESS EXCLUSIVE MODE");
  Process waiting(scene.cli.launch({"status", "--store", url}));
  const std::string process = "/proc/" + std::to_string(waiting.id());
  const auto connected = [&] {
    return scene.database.integer(
               "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = "
               "'Lock' AND datname = current_database()") > 0;
  };
  while (!connected() && !waiting.ends_within(Process::Milliseconds(10))) {
  }
  CHECK(content_of(process + "/cmdline").find(secret) == std::string::npos);
  CHECK(content_of(process + "/limits").find("Max core file size        0 ") != std::string::npos);
}

}  // namespace prism::test
