#include <array>
#include <string>

#include <doctest/doctest.h>

#include <prism/config/url.hpp>

namespace prism::config {
namespace {

struct Row {
  const char* url;
  const char* expected;
};

}  // namespace

TEST_CASE("config: the scheme of a URL, sqlite for a path") {
  const Row rows[] = {
      {"prism.db", "sqlite"},
      {"./data/prism.db", "sqlite"},
      {"/var/lib/prism.db", "sqlite"},
      {"data/a:b.db", "sqlite"},
      {"C:prism.db", "sqlite"},
      {"", "sqlite"},
      {":memory", "sqlite"},
      {"sqlite:prism.db", "sqlite"},
      {"SQLite:///prism.db", "sqlite"},
      {"redis://localhost:6379/0", "redis"},
      {"bolt+s://graph:7687", "bolt+s"},
      {"NEO4J://graph", "neo4j"},
      {"postgresql+asyncpg://u@h/db", "postgresql+asyncpg"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    CHECK(scheme_of(row.url) == row.expected);
  }
}

TEST_CASE("config: a scheme begins with a letter") {
  CHECK(scheme_of("2026-11-21T10:15.db") == "sqlite");
  CHECK(sqlite_path("2026-11-21T10:15.db") == "2026-11-21T10:15.db");
}

TEST_CASE("config: the file that an SQLite URL names") {
  const Row rows[] = {
      {"prism.db", "prism.db"},
      {"/var/lib/prism.db", "/var/lib/prism.db"},
      {"sqlite:prism.db", "prism.db"},
      {"sqlite:/var/lib/prism.db", "/var/lib/prism.db"},
      {"sqlite:///prism.db", "prism.db"},
      {"sqlite:///./data/database/prod.db", "./data/database/prod.db"},
      {"sqlite:////var/lib/prism.db", "/var/lib/prism.db"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    CHECK(sqlite_path(row.url) == row.expected);
  }
}

TEST_CASE("config: relative paths in URLs are put behind a folder") {
  const Row rows[] = {
      {"prism.db", "/etc/hbi/prism.db"},
      {"../prism.db", "/etc/prism.db"},
      {"sqlite:///./data/prod.db", "/etc/hbi/data/prod.db"},
      {"sqlite:data/prod.db", "/etc/hbi/data/prod.db"},
      {"sqlite:////srv/prod.db", "/srv/prod.db"},
      {"/srv/prod.db", "/srv/prod.db"},
      {"redis://localhost:6379/0", "redis://localhost:6379/0"},
      {"neo4j://graph:7687", "neo4j://graph:7687"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    CHECK(resolve_against(row.url, "/etc/hbi") == row.expected);
  }
}

TEST_CASE("config: passwords are hidden in messages") {
  const Row rows[] = {
      {"redis://:secret@cache:6379/0", "redis://:***@cache:6379/0"},
      {"postgres://prism:secret@db:5432/ops", "postgres://prism:***@db:5432/ops"},
      {"postgres://prism:se@cr:et@db/ops", "postgres://prism:***@db/ops"},
      {"postgres://prism:secret@db?schema=public", "postgres://prism:***@db?schema=public"},
      {"postgres://prism@db:5432/ops", "postgres://prism@db:5432/ops"},
      {"http://localhost:8080/health", "http://localhost:8080/health"},
      {"neo4j://graph:7687", "neo4j://graph:7687"},
      {"./prism.db", "./prism.db"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    CHECK(without_password(row.url) == row.expected);
  }
}

TEST_CASE("config: a password with a slash that nobody encoded is hidden too") {
  const std::string shown = without_password("redis://:pa/ssword@cache:6379/0");
  CHECK(shown.find("ssword") == std::string::npos);
  CHECK(shown.find("cache:6379/0") != std::string::npos);
}

TEST_CASE("config: passwords in the query of a URL are hidden too") {
  const Row rows[] = {
      {"postgres://h/d?password=secret", "postgres://h/d?password=***"},
      {"postgres:///d?user=u&password=se@cret&sslmode=require",
       "postgres:///d?user=u&password=***&sslmode=require"},
      {"postgres://u:secret@h/d?sslpassword=secret2&x=1",
       "postgres://u:***@h/d?sslpassword=***&x=1"},
      {"postgres://h/d?pass%77ord=secret", "postgres://h/d?pass%77ord=***"},
      {"postgres://h/d?%50ASSWORD=secret", "postgres://h/d?%50ASSWORD=***"},
      {"postgres://h/d?password=", "postgres://h/d?password=***"},
      {"postgres://h/d?passfile=/x&application_name=a",
       "postgres://h/d?passfile=/x&application_name=a"},
      {"postgres://h/d?password", "postgres://h/d?password"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    CHECK(without_password(row.url) == row.expected);
  }
}

TEST_CASE("config: parts of a URL are encoded and decoded") {
  CHECK(percent_encoded("aZ09-._~") == "aZ09-._~");
  CHECK(percent_encoded("a b/ö%") == "a%20b%2F%C3%B6%25");
  CHECK(percent_decoded("a%20b%2f%C3%B6%25") == "a b/ö%");
  CHECK(percent_decoded("%") == "%");
  CHECK(percent_decoded("%4") == "%4");
  CHECK(percent_decoded("%zz%-1") == "%zz%-1");
}

TEST_CASE("config: parameters are taken out of a URL") {
  constexpr std::array<std::string_view, 2> kNames{"schema", "pgbouncer"};
  const Row rows[] = {
      {"postgres://h/d", "postgres://h/d"},
      {"postgres://h/d?schema=a", "postgres://h/d"},
      {"postgres://h/d?x=1&schema=a&pgbouncer=true&y=2", "postgres://h/d?x=1&y=2"},
      {"postgres://h/d?xschema=a", "postgres://h/d?xschema=a"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    std::string url = row.url;
    const std::string schema = take_parameters(url, kNames);
    CHECK(url == row.expected);
    CHECK(schema == (std::string(row.url).find("&schema=") != std::string::npos ||
                             std::string(row.url).find("?schema=") != std::string::npos
                         ? "a"
                         : ""));
  }
}

TEST_CASE("config: the password in a URL") {
  const Row rows[] = {
      {"postgresql://u:p%40q@h:5432/d", "p@q"},
      {"postgresql://u@h/d?password=x%20y", "x y"},
      {"postgresql://h/d", ""},
      {"redis://:secret@h", "secret"},
      {"redis://h:6379/0", ""},
      {"nats://token@h:4222", "token"},
      {"nats://u:p@h", "p"},
      {"bolt://neo4j@h", ""},
      {"a/path", ""},
      {"postgresql://u:a/b?c@h/d", "a/b?c"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    CHECK(password_of(row.url) == row.expected);
  }
}

TEST_CASE("config: the hosts in a URL") {
  using Hosts = std::vector<std::string>;
  CHECK(hosts_of("postgresql://u:p@h:5432/d") == Hosts{"h"});
  CHECK(hosts_of("postgresql://h1:1,h2/d") == Hosts{"h1", "h2"});
  CHECK(hosts_of("postgresql:///d?host=h,/run") == Hosts{"h"});
  CHECK(hosts_of("redis+sentinel://:p@a,b:1,[::1]:2/m") == Hosts{"a", "b", "::1"});
  CHECK(hosts_of("nats://t@a:4222,nats://t@b:4222") == Hosts{"a", "b"});
  CHECK(hosts_of("nats://a:4222/,nats://b") == Hosts{"a", "b"});
  for (const char* const none :
       {"prism.db", "sqlite:x", "unix:///run/redis.sock", "postgresql:///d"}) {
    CHECK(hosts_of(none).empty());
  }
}

}  // namespace prism::config
