#include <atomic>

#include <doctest/doctest.h>

#include <prism/health/ping.hpp>

#include "support/http_server.hpp"

namespace prism::health {

TEST_CASE("health: what a monitor is told of stands behind the path of its URL") {
  struct Row {
    const char* url;
    Ping ping;
    const char* told;
  };
  const Row rows[] = {
      {"https://x/1", Ping::start, "https://x/1/start?rid=r"},
      {"https://x/1", Ping::success, "https://x/1?rid=r"},
      {"https://x/1/", Ping::failure, "https://x/1/fail?rid=r"},
      {"https://x/k/{command}?create=1", Ping::start,
       "https://x/k/backup-prune/start?create=1&rid=r"},
  };
  for (const Row& row : rows) CHECK(ping_url(row.url, row.ping, "backup prune", "r") == row.told);
}

TEST_CASE("health: a ping is sent once more where it fails, and then told of") {
  std::atomic<int> status{200};
  std::atomic<int> asked{0};
  test::HttpServer server([&](const test::HttpRequest&) {
    return ++asked == 1 && status == 0 ? std::string()
                                       : test::http_answer(status == 0 ? 200 : int(status));
  });
  CHECK(send_ping(server.url() + "/secret", {}).empty());
  CHECK(asked == 1);
  asked = 0;
  status = 0;
  CHECK(send_ping(server.url() + "/secret", {}).empty());
  CHECK(asked == 2);
  asked = 0;
  status = 503;
  CHECK(send_ping(server.url() + "/secret", {}) == "HTTP 503");
  CHECK(asked == 2);
}

TEST_CASE("health: a monitor that can't be reached, or is none, is told of without its path") {
  for (const char* const url : {"http://127.0.0.1:1/secret", "nonsense/secret"}) {
    CAPTURE(url);
    const std::string trouble = send_ping(url, {});
    CHECK_FALSE(trouble.empty());
    CHECK(trouble.find("secret") == std::string::npos);
  }
}

}  // namespace prism::health
