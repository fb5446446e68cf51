#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <sstream>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/postgres/tools.hpp>

#include "support/memory_artifacts.hpp"
#include "support/postgres_target.hpp"
#include "support/services.hpp"
#include "support/tcp_proxy.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

bool is_there() { return has_service("PRISM_TEST_POSTGRES"); }

std::string password_in(const std::string& url) {
  const auto begin = url.find(':', url.find("://") + 3) + 1;
  return url.substr(begin, url.find('@') - begin);
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

std::string content_of_proc(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// The arguments of our children: what others are told is not our business.
std::string all_arguments() {
  const std::string ours = fmt::format("\nPPid:\t{}\n", ::getpid());
  std::string all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    if (content_of_proc(entry.path() / "status").find(ours) == std::string::npos) continue;
    all += content_of_proc(entry.path() / "cmdline") + "\n";
  }
  return all;
}

/// Programs of that name in the place of PostgreSQL's own.
class FakeTool {
 public:
  FakeTool(const std::string& name, const std::string& script)
      : path_(std::getenv("PATH") == nullptr ? "" : std::getenv("PATH")) {
    const int major = postgres::find_tool(name, {}, {}, Cancel()).major;
    const auto file = folder_.write(
        name, fmt::format("#!/bin/sh\nif [ \"$1\" = --version ]; then echo '{} (PostgreSQL) "
                          "{}.99'; exit; fi\n{}\n",
                          name, major, script));
    fs::permissions(file, fs::perms::owner_all);
    ::setenv("PATH", (folder_.path().string() + ":" + path_).c_str(), 1);
  }
  ~FakeTool() { ::setenv("PATH", path_.c_str(), 1); }
  FakeTool(const FakeTool&) = delete;
  FakeTool& operator=(const FakeTool&) = delete;

 private:
  Folder folder_;
  std::string path_;
};

std::unique_ptr<backup::Component> component(const std::string& url, Quiet& quiet) {
  return postgres::open_component({.url = url}, quiet.log(), quiet.cancel());
}

/// A table whose dump takes a while.
void make_large(const PostgresDatabase& database) {
  database.execute(
      "CREATE TABLE large AS SELECT i, repeat(md5(i::text), 20) AS t FROM "
      "generate_series(1, 20000) i");
}

}  // namespace

TEST_CASE("fault: postgresql target: a connection that is cut in the midst of a dump") {
  if (!is_there()) return;
  const PostgresDatabase database;
  make_large(database);
  TcpProxy proxy(authority_of(database.url()));
  const std::string url = through(proxy, database.url());
  Quiet quiet;
  MemoryArtifacts artifacts;
  component(url, quiet)->dump(artifacts);
  const auto whole = proxy.counts().forwarded[TcpProxy::to_client];
  for (int i = 1; i < 8; ++i) {
    CAPTURE(i);
    proxy.cut_after(TcpProxy::to_client, whole * static_cast<std::uint64_t>(i) / 8);
    MemoryArtifacts none;
    const Thrown thrown = thrown_by([&] { component(url, quiet)->dump(none); });
    CAPTURE(thrown.message);
    CHECK(thrown.code == ErrorCode::unavailable);
    CHECK(thrown_by([&] { component(url, quiet)->check(none); }).code == ErrorCode::bad_data);
    proxy.forward();
  }
}

TEST_CASE("fault: postgresql target: a server that goes away in the midst of a dump") {
  if (!is_there()) return;
  const PrivateServer server("postgres");
  const PostgresDatabase database(server.value("PRISM_TEST_POSTGRES"));
  make_large(database);
  TcpProxy proxy(authority_of(database.url()));
  const std::string url = through(proxy, database.url());
  Quiet quiet;
  Thrown thrown;
  std::thread dump([&] {
    MemoryArtifacts artifacts;
    thrown = thrown_by([&] { component(url, quiet)->dump(artifacts); });
  });
  CHECK(proxy.wait_for(TcpProxy::to_client, 2'000'000));
  proxy.stall();
  server.kill();
  proxy.forward();
  dump.join();
  CAPTURE(thrown.message);
  CHECK(thrown.code == ErrorCode::unavailable);
}

TEST_CASE("fault: postgresql target: pg_dump that writes nothing, or fails after it wrote") {
  if (!is_there()) return;
  const PostgresDatabase database;
  Quiet quiet;
  MemoryArtifacts artifacts;
  {
    const FakeTool silent("pg_dump", "exit 0");
    const Thrown thrown = thrown_by([&] { component(database.url(), quiet)->dump(artifacts); });
    CHECK(thrown.code == ErrorCode::io);
    CHECK(thrown.says("pg_dump wrote nothing"));
  }
  const FakeTool failing("pg_dump", "echo PGDMP; echo 'pg_dump: error: of its own' >&2; exit 1");
  const Thrown thrown = thrown_by([&] { component(database.url(), quiet)->dump(artifacts); });
  CHECK(thrown.code == ErrorCode::critical);
  CHECK(thrown.says("of its own"));
}

TEST_CASE("fault: postgresql target: pg_restore that fails is no damage of the target") {
  if (!is_there()) return;
  PostgresTarget target;
  MemoryArtifacts artifacts;
  target.open()->dump(artifacts);
  const std::string before = target.state();
  const FakeTool failing("pg_restore",
                         "cat > /dev/null; echo 'pg_restore: error: enough' >&2; exit 1");
  CHECK(thrown_by([&] { target.open()->check(artifacts); }).code == ErrorCode::bad_data);
  const Thrown thrown = thrown_by([&] { target.open()->restore(artifacts); });
  CHECK(thrown.says("enough"));
  CHECK(target.state() == before);
  CHECK(target.leftovers().empty());
}

TEST_CASE("fault: postgresql target: a wrong password is not repeated") {
  if (!is_there()) return;
  const PostgresDatabase database;
  Quiet quiet;
  const std::string url = with(database.url(), password_in(database.url()), "wr0ng-secret");
  MemoryArtifacts artifacts;
  for (const auto& action : {std::function<void()>([&] { component(url, quiet)->dump(artifacts); }),
                             std::function<void()>([&] {
                               component(url, quiet)->present(prism::backup::Look::counted);
                             })}) {
    const Thrown thrown = thrown_by(action);
    CHECK(thrown.code == ErrorCode::permission);
    CHECK_FALSE(thrown.says("wr0ng-secret"));
    CHECK(thrown.hint.find("wr0ng-secret") == std::string::npos);
  }
  CHECK(component(url, quiet)->location().find("wr0ng-secret") == std::string::npos);
}

TEST_CASE("fault: postgresql target: nobody sees the password among the arguments of programs") {
  if (!is_there()) return;
  const PostgresDatabase database;
  database.execute("CREATE TABLE locked (x int)");
  Quiet quiet;
  MemoryArtifacts artifacts;
  std::optional<PostgresTransaction> gate(std::in_place, database);
  gate->execute("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE");
  std::thread dump([&] { component(database.url(), quiet)->dump(artifacts); });
  CHECK(comes_true([&] {
    return database.integer(
               "SELECT count(*) FROM pg_stat_activity WHERE application_name = "
               "'pg_dump' AND wait_event_type = 'Lock' AND datname = "
               "current_database()") == 1;
  }));
  const std::string arguments = all_arguments();
  CHECK(arguments.find(database.name()) != std::string::npos);
  CHECK(arguments.find(password_in(database.url())) == std::string::npos);
  gate.reset();
  dump.join();
  CHECK_FALSE(artifacts.content["db.dump"].empty());
}

TEST_CASE("fault: postgresql target: counts are those of the dump, whatever others write") {
  if (!is_there()) return;
  const PostgresDatabase database;
  database.execute("CREATE TABLE grows (x int); INSERT INTO grows VALUES (0)");
  Quiet quiet;
  std::atomic<bool> ended{false};
  std::thread writer([&] {
    while (!ended) database.execute("INSERT INTO grows SELECT generate_series(1, 50)");
  });
  for (int i = 0; i < 4; ++i) {
    MemoryArtifacts artifacts;
    const auto counts = component(database.url(), quiet)->dump(artifacts).counts;
    CHECK(component("", quiet)->check(artifacts).counts == counts);
  }
  ended = true;
  writer.join();
}

TEST_CASE("fault: postgresql target: a dump that is cancelled while it waits") {
  if (!is_there()) return;
  const PostgresDatabase database;
  database.execute("CREATE TABLE locked (x int)");
  const PostgresTransaction gate(database);
  gate.execute("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE");
  Quiet quiet;
  MemoryArtifacts artifacts;
  Thrown thrown;
  std::thread dump(
      [&] { thrown = thrown_by([&] { component(database.url(), quiet)->dump(artifacts); }); });
  CHECK(comes_true([&] {
    return database.integer(
               "SELECT count(*) FROM pg_stat_activity WHERE application_name = "
               "'pg_dump' AND wait_event_type = 'Lock' AND datname = "
               "current_database()") == 1;
  }));
  quiet.cancel().request(SIGINT);
  dump.join();
  CHECK(thrown.code == ErrorCode::interrupted);
}

TEST_CASE("fault: postgresql target: no server and an empty database") {
  if (!is_there()) return;
  Quiet quiet;
  const PostgresDatabase database;
  CHECK_FALSE(component(database.url(), quiet)->present(prism::backup::Look::counted).has_value());
  MemoryArtifacts artifacts;
  CHECK(component(database.url(), quiet)->dump(artifacts).counts.empty());
  CHECK(component("", quiet)->check(artifacts).counts.empty());
  const std::string url = with(database.url(), authority_of(database.url()), "127.0.0.1:1");
  CHECK(thrown_by([&] { component(url, quiet)->present(prism::backup::Look::counted); }).code ==
        ErrorCode::unavailable);
}

}  // namespace prism::test
