// scripts/services itself, mostly with Redis, which starts in no time.
#include "support/services.hpp"

#include <csignal>
#include <cstdlib>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "support/nats.hpp"
#include "support/paths.hpp"
#include "support/process.hpp"
#include "support/temporary.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

class Services {
 public:
  ~Services() { (*this)({"stop"}); }

  Launch launch(Words words) const {
    Launch launch;
    launch.program = services_script();
    words.insert(words.begin() + 1, {"--dir", dir().string()});
    launch.arguments = std::move(words);
    for (const char* name : {"PATH", "HOME", "XDG_CACHE_HOME", "CI"}) {
      if (const char* value = std::getenv(name)) launch.environment[name] = value;
    }
    return launch;
  }
  Ended operator()(const Words& words) const { return run(launch(words)); }

  fs::path dir() const { return folder_ / "services"; }
  std::string pid_file(const std::string& member = "redis") const {
    return content_of(dir() / member / "pid");
  }
  pid_t pid() const { return std::stoi(pid_file()); }
  std::string variables() const { return content_of(dir() / "env"); }

 private:
  Folder folder_;
};

Launch command(const std::string& program, const Words& words) {
  Launch launch;
  launch.program = program;
  launch.arguments = words;
  return launch;
}

/// Whether it runs; one that has ended and waits to be reaped does not.
bool runs(pid_t process) {
  const std::string stat = content_of(fmt::format("/proc/{}/stat", process));
  const auto name_end = stat.rfind(") ");
  return name_end != std::string::npos && stat[name_end + 2] != 'Z';
}

Ended redis_says(const std::string& url, const Words& words) {
  Words all{"-u", url};
  all.insert(all.end(), words.begin(), words.end());
  return run(command("/usr/bin/redis-cli", all));
}

}  // namespace

TEST_CASE("services: a second start changes nothing, a stop leaves logs only") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  const Services services;
  REQUIRE(services({"start", "redis"}).code == 0);
  const std::string before = services.variables() + services.pid_file();
  CHECK(services({"start", "redis"}).code == 0);
  CHECK(services.variables() + services.pid_file() == before);
  CHECK(fs::status(services.dir() / "env").permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));

  const pid_t process = services.pid();
  CHECK(services({"stop"}).code == 0);
  CHECK_FALSE(runs(process));
  for (const auto& entry : fs::recursive_directory_iterator(services.dir())) {
    if (!entry.is_regular_file()) continue;
    const std::string name = entry.path().filename().string();
    CHECK_MESSAGE((name == "log" || name == ".lock"), entry.path().string());
  }
}

TEST_CASE("services: what a killed server left is cleared away by the next start") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  const Services services;
  REQUIRE(services({"start", "redis"}).code == 0);
  const pid_t process = services.pid();
  ::kill(process, SIGKILL);
  REQUIRE(comes_true([&] { return !runs(process); }));
  CHECK(services({"status"}).code == 1);
  CHECK(services({"start", "redis"}).code == 0);
  CHECK(services({"status"}).code == 0);
  CHECK(services.pid() != process);
}

TEST_CASE("services: a process that took over a number is never signalled") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  const Services services;
  REQUIRE(services({"start", "redis"}).code == 0);
  REQUIRE(services({"kill", "redis"}).code == 0);
  const Process stranger(command("/bin/sleep", {"600"}));
  const auto takes_over = [&] {
    std::string noted = services.pid_file();
    noted.replace(0, noted.find(' '), std::to_string(stranger.id()));
    std::ofstream(services.dir() / "redis/pid") << noted;
  };
  takes_over();
  CHECK(services({"kill", "redis"}).code == 0);
  CHECK(services({"restart", "redis"}).code == 0);
  CHECK(runs(stranger.id()));
  REQUIRE(services({"kill", "redis"}).code == 0);
  takes_over();
  CHECK(services({"stop", "redis"}).code == 0);
  CHECK(runs(stranger.id()));
}

TEST_CASE("services: two folders are started at once") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  const Services one;
  const Services other;
  Process first(one.launch({"start", "redis", "redis-acl"}));
  Process second(other.launch({"start", "redis", "redis-acl"}));
  CHECK(first.wait().code == 0);
  CHECK(second.wait().code == 0);
  CHECK(one({"status"}).code == 0);
  CHECK(other({"status"}).code == 0);
  CHECK(one.variables() != other.variables());
}

TEST_CASE("services: run stops them, however the command ends") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  const Services services;
  const std::string tell_and = "cat $(dirname $PRISM_TEST_SERVICES)/redis/pid; ";
  const Ended failed = services({"run", "redis", "--", "sh", "-c", tell_and + "exit 7"});
  CHECK(failed.code == 7);
  CHECK_FALSE(runs(std::stoi(failed.out)));

  const Folder folder;
  const auto fifo = folder / "ready";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  Process cut(
      services.launch({"run", "redis", "--", "sh", "-c",
                       "echo ready >" + fifo.string() + "; " + tell_and + "exec sleep 600"}));
  CHECK(content_of(fifo) == "ready\n");
  const pid_t process = services.pid();
  cut.send(SIGTERM);
  CHECK(cut.wait().code == 143);
  CHECK_FALSE(runs(process));
}

TEST_CASE("services: those of a test that was killed are stopped") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  const Services services;
  pid_t process = 0;
  {
    const Process test(command("/bin/sleep", {"600"}));
    REQUIRE(services({"start", "--while", std::to_string(test.id()), "redis"}).code == 0);
    process = services.pid();
    CHECK(runs(process));
  }
  CHECK(comes_true([&] { return !fs::exists(services.dir()); }));
  CHECK_FALSE(runs(process));
}

TEST_CASE("services: who reads what a start says is not kept waiting by those that it started") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  const Services services;
  const Process test(command("/bin/sleep", {"600"}));
  Launch start = services.launch({"start", "--while", std::to_string(test.id()), "redis"});
  start.arguments.insert(start.arguments.begin(),
                         {"-c", "\"$0\" \"$@\" 2>&1 | cat", start.program});
  start.program = "/bin/sh";
  CHECK(run(start).out.find("redis: started") != std::string::npos);
}

TEST_CASE("services: a private PostgreSQL keeps its data and its port when it is killed") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const PrivateServer server("postgres", {"--durable"});
  const std::string url = server.value("PRISM_TEST_POSTGRES");
  const auto asks = [&](const std::string& sql) {
    return run(command("/usr/bin/psql", {"-qAtX", url, "-c", sql}));
  };
  CHECK(asks("CREATE TABLE kept AS SELECT 5 AS five").code == 0);
  server.kill();
  CHECK(asks("SELECT 1").code == 2);
  server.restart();
  CHECK(asks("SELECT five FROM kept; SHOW fsync").out == "5\non\n");
  server.stop();
  CHECK(asks("SELECT 1").code == 2);
  server.restart();
  CHECK(asks("SELECT five FROM kept").out == "5\n");
}

TEST_CASE("services: a node of a private Redis Cluster is killed and comes back") {
  if (!has_service("PRISM_TEST_REDIS_CLUSTER")) return;
  const PrivateServer server("redis-cluster");
  const std::string url = server.value("PRISM_TEST_REDIS_CLUSTER");
  const std::string first = url.substr(url.find("//"), url.find(',') - url.find("//"));
  CHECK(redis_says("redis:" + first, {"PING"}).out == "PONG\n");
  server.kill("redis-cluster/1");
  CHECK(redis_says("redis:" + first, {"PING"}).code == 1);
  server.restart("redis-cluster/1");
  CHECK(redis_says("redis:" + first, {"PING"}).out == "PONG\n");
}

TEST_CASE(
    "services: a private Neo4j is killed and comes back, its files are for its tools once it "
    "stops") {
  if (!has_service("PRISM_TEST_NEO4J")) return;
  const PrivateServer server("neo4j");
  server.kill();
  server.restart();
  server.stop();
  Launch check = command(server.value("PRISM_TEST_NEO4J_ADMIN"), {"database", "check", "neo4j"});
  check.environment["JAVA_TOOL_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";
  const Ended ended = run(check);
  CHECK_MESSAGE(ended.code == 0, (ended.out + ended.err));
}

TEST_CASE("services: a private NATS keeps its streams and its port when it is killed") {
  if (!has_service("PRISM_TEST_NATS")) return;
  const PrivateServer server("nats");
  const std::string url = server.value("PRISM_TEST_NATS");
  {
    NatsClient client(url);
    client.add_stream("KEPT", {{"subjects", {"kept"}}});
    client.publish("kept", "five");
  }
  server.kill();
  CHECK_THROWS(NatsClient(url));
  server.restart();
  CHECK(NatsClient(url).call("STREAM.INFO.KEPT").at("state").at("messages") == 1);
}

TEST_CASE("services: a certificate that has expired is shown to clients") {
  if (!has_service("PRISM_TEST_NEO4J_TLS")) return;
  const PrivateServer server("neo4j-tls", {"--certificate", "expired"});
  const std::string url = server.value("PRISM_TEST_NEO4J_TLS");
  const Ended ended =
      run(command("/usr/bin/openssl", {"s_client", "-brief", "-verify_return_error", "-connect",
                                       url.substr(url.find("//") + 2), "-CAfile",
                                       server.value("PRISM_TEST_TLS_DIR") + "/ca.crt"}));
  CHECK(ended.code != 0);
  CHECK_MESSAGE(ended.err.find("certificate has expired") != std::string::npos, ended.err);
}

TEST_CASE("services: a paused server takes connections and says nothing until it is resumed") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  const PrivateServer server("redis");
  const std::string url = server.value("PRISM_TEST_REDIS");
  server.pause();
  Process asks(command("/usr/bin/redis-cli", {"-u", url, "PING"}));
  CHECK_FALSE(asks.ends_within(std::chrono::milliseconds(200)));
  server.resume();
  CHECK(asks.wait().out == "PONG\n");
}

}  // namespace prism::test
