#include "support/postgres.hpp"

#include <algorithm>
#include <csignal>
#include <optional>
#include <random>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "cli/cli.hpp"
#include "support/services.hpp"
#include "support/tcp_proxy.hpp"
#include "support/temporary.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::int64_t kFacts = 10'000;

/// All that the store says of facts and entities.
std::string digest(const PostgresDatabase& database) {
  return database.text(
      "SELECT md5((SELECT coalesce(string_agg(f::text, '|' ORDER BY fact_uid), '') FROM prism.fact "
      "f) || (SELECT coalesce(string_agg(e::text, '|' ORDER BY uid), '') FROM prism.entity e))");
}

std::int64_t facts_in(const PostgresDatabase& database) {
  return database.text("SELECT to_regclass('prism.fact') IS NOT NULL") == "t"
             ? database.integer("SELECT count(*) FROM prism.fact")
             : 0;
}

/// A database and an import of many facts into it.
struct Scene {
  Scene() : Scene(postgres_server()) {}
  explicit Scene(const std::string& server) : database(server) {
    cli.write("many.csv", many_facts(kFacts, false));
  }

  Words import_to(const std::string& url) const {
    return {"import", "many.csv", "--store", url, "--on-conflict", "update"};
  }
  Words import() const { return import_to(database.url()); }

  void start_over() const { database.execute("DROP SCHEMA IF EXISTS prism CASCADE"); }

  /// Nothing or all is stored, and the same again leads to the end.
  void check_all_or_nothing() const {
    CHECK((facts_in(database) == 0 || facts_in(database) == kFacts));
    const Ended again = cli(import());
    CAPTURE(again.err);
    CHECK(again.code == 0);
    CHECK(facts_in(database) == kFacts);
    CHECK(database.integer("SELECT count(*) FROM prism.entity") == kEntities);
  }

  static constexpr std::int64_t kEntities = kFacts / 2;

  Cli cli;
  PostgresDatabase database;
};

bool is_there() { return has_service("PRISM_TEST_POSTGRES"); }

/// A run that waits in the midst of its load, its facts in the database already, for a lock that
/// the test holds.
class HeldLoad {
 public:
  HeldLoad(const Scene& scene, const Words& words) : scene_(scene) {
    REQUIRE(scene.cli({"migrate", "--store", scene.database.url()}).code == 0);
    gate_.emplace(scene.database);
    gate_->execute("LOCK TABLE prism.entity IN SHARE MODE");
    process_.emplace(scene.cli.launch(words));
    REQUIRE(comes_true([&] { return backend() > 0; }));
  }

  /// The server's process that works for the load, or 0.
  std::int64_t backend() const {
    return scene_.database.integer(
        "SELECT coalesce(max(pid), 0) FROM pg_stat_activity WHERE datname = current_database() AND "
        "query LIKE 'LOCK TABLE \"prism\".entity%' AND wait_event_type = 'Lock'");
  }
  void release() { gate_.reset(); }
  pid_t id() const { return process_->id(); }
  Ended wait() { return process_->wait(); }

 private:
  const Scene& scene_;
  std::optional<PostgresTransaction> gate_;
  std::optional<Process> process_;
};

}  // namespace

TEST_CASE(
    "fault: postgresql: kill -9 of an import at ten moments leaves the store as before or "
    "complete") {
  if (!is_there()) return;
  const Scene scene;
  const auto begin = Clock::now();
  REQUIRE(scene.cli(scene.import()).code == 0);
  const auto undisturbed = Clock::now() - begin;
  const std::string complete = digest(scene.database);
  std::mt19937 random(20261121);
  for (int i = 0; i < 10; ++i) {
    scene.start_over();
    Process import(scene.cli.launch(scene.import()));
    const auto moment = undisturbed * (i * 100 + static_cast<int>(random() % 100)) / 1000;
    import.ends_within(std::chrono::duration_cast<milliseconds>(moment));
    import.send(SIGKILL);
    import.wait();
    scene.check_all_or_nothing();
    CHECK(digest(scene.database) == complete);
    CHECK(scene.cli({"status", "--store", scene.database.url()}).code == 0);
  }
}

TEST_CASE("fault: postgresql: a seed that is killed loses no UID that was given") {
  if (!is_there()) return;
  const Scene scene;
  scene.cli.write("new.csv", many_facts(kFacts, true));
  const Words seed{"seed", "new.csv", "--append", "--store", scene.database.url()};
  for (const int after : {20, 60, 100, 150, 250}) {
    Process first(scene.cli.launch(seed));
    first.ends_within(milliseconds(after));
    first.send(SIGKILL);
    first.wait();
  }
  const Ended last = scene.cli(seed);
  CAPTURE(last.err);
  CHECK(last.code == 0);
  CHECK(facts_in(scene.database) == kFacts);
  CHECK(scene.database.integer("SELECT count(*) - count(DISTINCT uid) FROM prism.uid_blank") == 0);
  CHECK(scene.database.integer("SELECT count(*) FROM prism.uid_blank b WHERE NOT EXISTS "
                               "(SELECT FROM prism.fact WHERE fact_uid = b.uid)") == 0);
  const Ended again = scene.cli(seed);
  CHECK(missing_in(again.out, {"0 facts inserted, 10,000 unchanged"}) == "");
}

TEST_CASE("fault: postgresql: a load whose backend is terminated leaves nothing, and says so") {
  if (!is_there()) return;
  const Scene scene;
  HeldLoad import(scene, scene.import());
  scene.database.execute("SELECT pg_terminate_backend(" + std::to_string(import.backend()) + ")");
  import.release();
  const Ended ended = import.wait();
  CAPTURE(ended.err);
  CHECK(ended.code == 69);
  CHECK(missing_in(ended.err, {"PostgreSQL: ", "HINT: "}) == "");
  CHECK(facts_in(scene.database) == 0);
  const Ended status = scene.cli({"status", "--store", scene.database.url()});
  CHECK(missing_in(status.out, {"0 facts"}) == "");
  scene.check_all_or_nothing();
}

TEST_CASE("fault: postgresql: a server that is stopped in a load and started again") {
  if (!is_there()) return;
  const PrivateServer server("postgres");
  const Scene scene(server.value("PRISM_TEST_POSTGRES"));
  HeldLoad import(scene, scene.import());
  server.stop();
  const Ended ended = import.wait();
  CAPTURE(ended.err);
  CHECK(ended.code == 69);
  const Ended down = scene.cli({"status", "--store", scene.database.url()});
  CHECK(down.code != 0);
  server.restart();
  CHECK(facts_in(scene.database) == 0);
  scene.check_all_or_nothing();
}

TEST_CASE("fault: postgresql: --wait outlasts a server that is not up yet") {
  if (!is_there()) return;
  const PrivateServer server("postgres");
  const Scene scene(server.value("PRISM_TEST_POSTGRES"));
  server.stop();
  Words words = scene.import();
  const Ended impatient = scene.cli(words);
  CHECK(impatient.code == 69);
  CHECK(missing_in(impatient.err, {"PostgreSQL: ", "HINT: check that the server runs"}) == "");
  words.insert(words.end(), {"--wait", "60"});
  const auto said = scene.cli / "said";
  const FileDescriptor errors(
      ::open(said.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
  Launch launch = scene.cli.launch(words);
  launch.errors = errors.get();
  Process patient(launch);
  CHECK(comes_true([&] { return content_of(said).find("trying again") != std::string::npos; }));
  server.restart();
  const Ended ended = patient.wait();
  CAPTURE(content_of(said));
  CHECK(ended.code == 0);
}

TEST_CASE(
    "fault: postgresql: a connection that is cut anywhere leaves the store as before or complete") {
  if (!is_there()) return;
  const Scene scene;
  TcpProxy proxy(authority_of(scene.database.url()));
  const Words words = scene.import_to(through(proxy, scene.database.url()));
  REQUIRE(scene.cli(words).code == 0);
  const auto whole = proxy.counts().forwarded;
  for (int i = 1; i < 10; ++i) {
    for (const auto direction : {TcpProxy::to_server, TcpProxy::to_client}) {
      CAPTURE(i);
      CAPTURE(static_cast<int>(direction));
      scene.start_over();
      proxy.cut_after(direction, whole[direction] * static_cast<std::uint64_t>(i) / 10);
      const Ended ended = scene.cli(words);
      CAPTURE(ended.err);
      // Short transactions are tried again; a load that was cut is not.
      CHECK((ended.code == 0 || ended.code == 69));
      CHECK((facts_in(scene.database) == (ended.code == 0 ? kFacts : 0)));
      proxy.forward();
      scene.check_all_or_nothing();
    }
  }
}

TEST_CASE("fault: postgresql: slow and stalled connections") {
  if (!is_there()) return;
  const Scene scene;
  TcpProxy proxy(authority_of(scene.database.url()));
  const Words words = scene.import_to(through(proxy, scene.database.url()));
  proxy.delay(milliseconds(5));
  CHECK(scene.cli(words).code == 0);
  CHECK(facts_in(scene.database) == kFacts);
  scene.start_over();
  proxy.forward();
  const auto before = proxy.counts().forwarded[TcpProxy::to_server];
  Process import(scene.cli.launch(words));
  REQUIRE(proxy.wait_for(TcpProxy::to_server, before + 500'000));
  proxy.stall();
  CHECK_FALSE(import.ends_within(milliseconds(300)));
  import.send(SIGTERM);
  CHECK(import.wait().code == 143);
  const Ended unanswered = scene.cli(words, {{"POSTGRES_CONNECTION_TIMEOUT", "2000"}});
  CHECK(unanswered.code == 69);
  proxy.forward();
  scene.check_all_or_nothing();
}

/// The server waits in the midst of COMMIT for a lock that the test holds.
TEST_CASE("fault: postgresql: a lost answer to COMMIT is settled by the load's own row") {
  if (!is_there()) return;
  const Scene scene;
  TcpProxy proxy(authority_of(scene.database.url()));
  REQUIRE(scene.cli({"migrate", "--store", scene.database.url()}).code == 0);
  scene.database.execute(
      "CREATE TABLE gate (); CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN LOCK TABLE gate; RETURN NULL; END $$; "
      "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON prism.load DEFERRABLE INITIALLY DEFERRED "
      "FOR EACH ROW EXECUTE FUNCTION wait()");
  const auto wait_in_commit = [&] {
    return scene.database.integer(
               "SELECT count(*) FROM pg_stat_activity WHERE query = 'COMMIT' AND wait_event_type = "
               "'Lock' AND datname = current_database()") == 1;
  };
  Process import(scene.cli.launch(scene.import_to(through(proxy, scene.database.url()))));
  {
    const PostgresTransaction gate(scene.database);
    gate.execute("LOCK TABLE gate");
    REQUIRE(comes_true(wait_in_commit));
    proxy.cut();
    CHECK_FALSE(import.ends_within(milliseconds(200)));
  }
  const Ended ended = import.wait();
  CAPTURE(ended.err);
  CHECK(ended.code == 0);
  CHECK(facts_in(scene.database) == kFacts);
}

TEST_CASE("fault: postgresql: a COMMIT that came to nothing is told as such") {
  if (!is_there()) return;
  const Scene scene;
  REQUIRE(scene.cli({"migrate", "--store", scene.database.url()}).code == 0);
  scene.database.execute(
      "CREATE FUNCTION end_it() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$; "
      "CREATE CONSTRAINT TRIGGER ended AFTER INSERT ON prism.load DEFERRABLE INITIALLY DEFERRED "
      "FOR EACH ROW EXECUTE FUNCTION end_it()");
  const Ended ended = scene.cli(scene.import());
  CAPTURE(ended.err);
  CHECK(ended.code == 69);
  CHECK(missing_in(ended.err, {"nothing was stored", "HINT: run it again"}) == "");
  CHECK(facts_in(scene.database) == 0);
}

TEST_CASE(
    "fault: postgresql: of two seeds at once one is told who holds the lock, or waits for it") {
  if (!is_there()) return;
  const Scene scene;
  scene.cli.write("other.csv", table({"5009,6009,1146,7000"}));
  HeldLoad first(scene, {"seed", "many.csv", "--store", scene.database.url()});
  const Words words{"seed", "other.csv", "--append", "--store", scene.database.url()};
  const Ended refused = scene.cli(words);
  CHECK(refused.code == 75);
  CHECK(missing_in(refused.err,
                   {"held by another run (seed, process " + std::to_string(first.id()) + " on ",
                    "HINT: wait for it with --lock-wait SECONDS"}) == "");
  const Ended status = scene.cli({"status", "--store", scene.database.url()});
  CHECK(missing_in(status.out, {"seed is going on, in stage importing"}) == "");
  Words patient = words;
  patient.insert(patient.end(), {"--lock-wait", "60"});
  Process second(scene.cli.launch(patient));
  CHECK_FALSE(second.ends_within(milliseconds(200)));
  first.release();
  CHECK(first.wait().code == 0);
  CHECK(second.wait().code == 0);
  CHECK(facts_in(scene.database) == kFacts + 1);
}

TEST_CASE("fault: postgresql: eight programs take 10,000 UIDs each while a seed goes on") {
  if (!is_there()) return;
  constexpr int kPrograms = 8, kTakes = 20, kEach = 500;
  const Scene scene;
  scene.cli.write("new.csv", many_facts(kFacts, true));
  REQUIRE(scene.cli({"migrate", "--store", scene.database.url()}).code == 0);
  std::vector<std::vector<std::int64_t>> firsts(kPrograms);
  std::vector<std::thread> programs;
  Process seed(scene.cli.launch({"seed", "new.csv", "--store", scene.database.url()}));
  for (auto& mine : firsts) {
    programs.emplace_back([&scene, &mine] {
      for (int i = 0; i < kTakes; ++i) {
        const Ended taken = scene.cli({"uid", "reserve", "--kind", "fact", "-n",
                                       std::to_string(kEach), "--store", scene.database.url()});
        if (taken.code == 0) mine.push_back(std::stoll(taken.out));
      }
    });
  }
  for (std::thread& program : programs) program.join();
  const Ended seeded = seed.wait();
  CAPTURE(seeded.err);
  CHECK(seeded.code == 0);
  std::vector<std::int64_t> given;
  for (const auto& mine : firsts) {
    CHECK(mine.size() == kTakes);
    for (const std::int64_t first : mine) {
      for (int i = 0; i < kEach; ++i) given.push_back(first + i);
    }
  }
  for (const auto& row : scene.database.rows("SELECT uid FROM prism.uid_blank UNION ALL SELECT uid "
                                             "FROM prism.uid_temporary WHERE kind = 'fact'")) {
    given.push_back(std::stoll(row[0]));
  }
  std::sort(given.begin(), given.end());
  CHECK(std::adjacent_find(given.begin(), given.end()) == given.end());
  CHECK(given.front() == 2'000'000'000);
  CHECK(given.back() == 2'000'000'000 + static_cast<std::int64_t>(given.size()) - 1);
}

TEST_CASE("fault: postgresql: UIDs that another program takes while they are loaded end the load") {
  if (!is_there()) return;
  const Scene scene;
  scene.cli.write("high.csv", table({"2000000003,6001,1146,7000"}));
  REQUIRE(scene.cli({"migrate", "--store", scene.database.url()}).code == 0);
  scene.database.execute(
      "CREATE FUNCTION take() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE prism.uid_range "
      "SET first = 2000000000, highest = 2000000009 WHERE kind = 'fact'; RETURN NULL; END $$; "
      "CREATE TRIGGER taken AFTER INSERT ON prism.fact FOR EACH STATEMENT EXECUTE FUNCTION take()");
  const Ended ended = scene.cli({"import", "high.csv", "--store", scene.database.url()});
  CAPTURE(ended.err);
  CHECK(ended.code == 75);
  CHECK(missing_in(ended.err, {"fact UID 2000000003 of the input was given to another run"}) == "");
  CHECK(facts_in(scene.database) == 0);
  scene.cli.write("low.csv", table({"5003,6001,1146,7000"}));
  CHECK(scene.cli({"import", "low.csv", "--store", scene.database.url()}).code == 0);
}

}  // namespace prism::test
