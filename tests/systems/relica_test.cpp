#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/graph_data.hpp"
#include "support/http_server.hpp"
#include "support/postgres.hpp"
#include "support/redis_data.hpp"
#include "support/services.hpp"
#include "systems/system.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCachePassword = "cache-secret";

/// A semantic model: workbooks of facts that become a graph and a cache, and a database of users.
class Relica {
 public:
  Relica() {
    users_.execute(
        "CREATE TABLE users (id serial PRIMARY KEY, username varchar(50) UNIQUE);"
        "INSERT INTO users (username) VALUES ('nora'), ('emil')");
    fs::create_directory(system_ / "app/workbooks");
    fs::copy(example("sample.xls"), system_ / "app/workbooks/sample.xls");
    system_.write("app/compose.yml", "services: {api: {image: relica}}\n");
    system_.write("prismctl.toml", "[targets.files]\npaths = ['app/.env', 'app/compose.yml']\n");
  }

  Contents contents() const {
    return {{"store",
             users_.exists() ? users_.text("SELECT string_agg(username, ',') FROM users") : "none"},
            {"graph", graph_state(graph_)},
            {"cache", redis_state({cache_url_})},
            {"files", configuration()}};
  }

  void lose() const {
    users_.drop();
    empty_graph(graph_);
    empty_redis({cache_url_});
    fs::remove(system_ / "app/.env");
    fs::remove(system_ / "app/compose.yml");
  }

  /// Without them nobody knows where the databases are.
  void restore_files() const {
    const Ended files = system_.run_without_environment({"restore", "latest", "--target", "files"});
    CAPTURE(files.err);
    REQUIRE(files.code == 0);
  }

  std::string lineage_length() const {
    return std::to_string(RedisCli(cache_url_).integer({"LLEN", "rlc:entity:1000000001:lineage"}));
  }

  const System& system() const { return system_; }

 private:
  std::string configuration() const {
    return content_of(system_ / "app/.env") + content_of(system_ / "app/compose.yml");
  }

  std::string environment() const {
    const std::string users = without_login(users_.url());
    return fmt::format(
        "NEO4J_URI={}\nNEO4J_USER=neo4j\nNEO4J_PASSWORD={}\nREDIS_URL={}\n"
        "REDIS_PASSWORD={}\nPRISM_PORT={}\nPRISM_SEED_XLS_DIR=workbooks\n"
        "PRISM_CSV_OUTPUT_DIR=csv\nPRISM_NEO4J_IMPORT_DIR=/import\n"
        "PRISM_MIN_FREE_UID=1000000000\n"
        "PRISM_MIN_FREE_FACT_UID=2000000000\nPRISM_MAX_TEMP_UID=1000\nNEO4J_BATCH_SIZE=1000\n"
        "CACHE_BATCH_SIZE=5000\nNEO4J_TIMEOUT=30000\nREDIS_TIMEOUT=5000\n"
        "NEO4J_MAX_CONNECTIONS=50\nREDIS_POOL_SIZE=20\nLOG_LEVEL=info\n"
        "CACHE_DEBUG_LOGGING=false\nPOSTGRES_HOST=127.0.0.1\nPOSTGRES_PORT={}\n"
        "POSTGRES_USER=prism\nPOSTGRES_PASSWORD={}\nPOSTGRES_DB={}\n",
        without_login(graph_.url()), password_of(graph_.url()), without_login(cache_url_),
        kCachePassword, port_of(api_.url()), port_of(users.substr(0, users.rfind('/'))),
        password_of(users_.url()), users_.name());
  }

  PostgresDatabase users_;
  Neo4jDatabase graph_;
  PrivateServer redis_{"redis"};
  std::string cache_url_ = set_redis_password(redis_.value("PRISM_TEST_REDIS"), kCachePassword);
  HttpServer api_{[](const HttpRequest& request) {
    return request.target == "/status" ? http_answer(200, R"({"status": "operational"})")
                                       : http_answer(404);
  }};
  System system_{environment()};
};

bool has_relica_servers() {
  return has_service("PRISM_TEST_POSTGRES") && has_service("PRISM_TEST_REDIS") &&
         has_service("PRISM_TEST_NEO4J");
}

}  // namespace

TEST_CASE("systems: relica: workbooks become a graph and a cache, which are lost and restored") {
  if (!has_relica_servers()) return;
  const Relica relica;
  relica.system().print({"status", "--wait", "30"});
  // One row of the workbook has no object.
  CHECK(missing_in(relica.system().print({"seed"}, 1),
                   {"88 facts inserted", "1 row rejected", "lineage 41 keys"}) == "");
  CHECK(relica.lineage_length() == "8");
  survive(relica.system(),
          {.contents = [&] { return relica.contents(); },
           .strike = [&] { relica.lose(); },
           .first = [&] { relica.restore_files(); },
           .targets = {"--target", "graph", "--target", "cache", "--target", "store"}});
  CHECK(missing_in(relica.system().print({"rebuild-cache", "--dry-run"}),
                   {"0 of 115 keys differ"}) == "");
  CHECK(missing_in(relica.system().print({"seed", "--append"}, 1), {"88 unchanged"}) == "");
  check_retention(relica.system(), 7);
}

}  // namespace prism::test
