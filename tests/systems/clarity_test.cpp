#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/http_server.hpp"
#include "support/postgres.hpp"
#include "support/services.hpp"
#include "systems/system.hpp"

namespace prism::test {
namespace {

/// One database by its parts, an API, and an upstream that is down.
class Clarity {
 public:
  Clarity() {
    database_.execute(
        "CREATE TABLE source (id serial PRIMARY KEY, url text UNIQUE, seen timestamptz);"
        "CREATE SCHEMA \"Audit\"; CREATE TABLE \"Audit\".entry (at timestamptz, what jsonb);"
        "INSERT INTO source (url, seen) VALUES ('https://a', '2026-11-01'), ('https://b', NULL);"
        "INSERT INTO \"Audit\".entry VALUES ('2026-11-01', '{\"by\": \"Nora\"}')");
  }

  Contents contents() const {
    if (!database_.exists()) return {{"store", "none"}};
    return {{"store", database_.text("SELECT string_agg(s::text, ',' ORDER BY id) FROM source s") +
                          database_.text("SELECT what FROM \"Audit\".entry")}};
  }

  void lose() const { database_.drop(); }

  const System& system() const { return system_; }

 private:
  std::string environment() const {
    const std::string url = without_login(database_.url());
    const std::string host = url.substr(url.find("://") + 3, url.rfind('/') - url.find("://") - 3);
    return fmt::format(
        "POSTGRES_HOST=127.0.0.1\nPOSTGRES_PORT={}\nPOSTGRES_USER=prism\nPOSTGRES_PASSWORD='{}'\n"
        "POSTGRES_DB={}\nPOSTGRES_MAX_CONNECTIONS=20\nPOSTGRES_IDLE_TIMEOUT=10000\n"
        "POSTGRES_CONNECTION_TIMEOUT=5000\nRELICA_CLARITY_API_PORT={}\n"
        "ARCHIVIST_URL=http://127.0.0.1:1\nARCHIVIST_TIMEOUT=30000\nARCHIVIST_RETRY_ATTEMPTS=3\n"
        "LOG_LEVEL=info\nLOG_FORMAT=json\n",
        port_of(host), password_of(database_.url()), database_.name(), port_of(api_.url()));
  }

  PostgresDatabase database_;
  HttpServer api_{[](const HttpRequest& request) {
    return request.target == "/health" ? http_answer(200, R"({"status": "healthy"})")
                                       : http_answer(404);
  }};
  System system_{environment()};
};

/// Every line that is logged is an object of its own.
void check_json_lines(const std::string& log) {
  std::istringstream in(log);
  int lines = 0;
  for (std::string line; std::getline(in, line); ++lines) CHECK(Json::parse(line).is_object());
  CHECK(lines > 0);
}

}  // namespace

TEST_CASE("systems: clarity: an upstream that is down is a warning, the database comes back") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Clarity clarity;
  const std::string status = clarity.system().print({"status"}, 1);
  CHECK(missing_in(status, {"state    warning", "problem  archivist: ", "api", "HTTP 200"}) == "");
  CHECK(clarity.system().run({"status", "api", "store"}).code == 0);
  survive(clarity.system(), {.contents = [&] { return clarity.contents(); },
                             .strike = [&] { clarity.lose(); },
                             .healthy = 1});
}

TEST_CASE("systems: clarity: backups of thirty days are kept, and logs are JSON") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Clarity clarity;
  check_retention(clarity.system(), 30);
  const Ended refused = clarity.system().run({"restore", "latest"});
  CHECK(refused.code == 73);
  check_json_lines(refused.err);
}

}  // namespace prism::test
