#include <csignal>
#include <random>
#include <thread>

#include <doctest/doctest.h>
#include <pqxx/pqxx>
#include <sys/wait.h>
#include <unistd.h>

#include <prism/base/error.hpp>

#include "support/memory_artifacts.hpp"
#include "support/postgres_target.hpp"
#include "support/services.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

using Clock = std::chrono::steady_clock;

bool is_there() { return has_service("PRISM_TEST_POSTGRES"); }

/// A target, a dump of it, and a change since.
struct Scene {
  Scene() : Scene(postgres_server()) {}
  explicit Scene(const std::string& server) : target(server) {
    target.open()->dump(artifacts);
    whole = target.state();
    target.change();
    changed = target.state();
  }

  Thrown refused(const postgres::ComponentOptions& options) {
    return thrown_by([&] { target.open(options)->restore(artifacts); });
  }

  void check_untouched() {
    CHECK(target.state() == changed);
    CHECK(target.leftovers().empty());
  }

  void put_into_record(const std::string& from, const std::string& to) {
    std::string& record = artifacts.content["database.json"];
    const auto at = record.find(from);
    REQUIRE(at != std::string::npos);
    record.replace(at, from.size(), to);
  }

  PostgresTarget target;
  MemoryArtifacts artifacts;
  std::string whole, changed;
};

/// A server of one's own with what others would not have: two-phase commit and logical decoding.
struct SpecialServer {
  SpecialServer() : server("postgres") {
    const std::string url = server.value("PRISM_TEST_POSTGRES");
    for (const char* const setting : {"max_prepared_transactions = 5", "wal_level = logical"}) {
      pqxx::connection connection(url);
      pqxx::nontransaction(connection).exec(std::string("ALTER SYSTEM SET ") + setting);
    }
    server.stop();
    server.restart();
  }

  PrivateServer server;
};

void leave_holds(const PostgresTarget& target) {
  pqxx::connection connection(target.url());
  pqxx::nontransaction work(connection);
  work.exec("SELECT pg_create_logical_replication_slot('held', 'test_decoding')");
  work.exec("BEGIN");
  work.exec("INSERT INTO public.single VALUES ('never')");
  work.exec("PREPARE TRANSACTION 'it''s held'");
  work.exec(
      "CREATE SUBSCRIPTION sub CONNECTION 'host=127.0.0.1 port=1 dbname=x' PUBLICATION p "
      "WITH (connect = false)");
}

/// Reads on new connections, and on one that stays as long as it is let.
class Reader {
 public:
  explicit Reader(std::string url) : url_(std::move(url)), thread_([this] { run(); }) {}
  ~Reader() { stop(); }

  void stop() {
    ended_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::uint64_t reads() const { return reads_; }
  bool saw_something_else() const { return odd_; }

 private:
  void run() {
    while (!ended_) {
      try {
        pqxx::connection connection(url_);
        while (!ended_) read(connection);
      } catch (const std::exception&) {
        // Ended by the restore; the next one gets the new database.
      }
    }
  }

  void read(pqxx::connection& connection) {
    pqxx::nontransaction work(connection);
    const auto row = work.exec1(
        "SELECT (SELECT count(*) FROM public.plain), "
        "(SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'), "
        "current_setting('work_mem')");
    const std::string seen = row[0].as<std::string>() + row[2].as<std::string>();
    const bool old = seen == "20064MB", now = seen == "30045MB";
    if (!old && !now) odd_ = true;
    ++reads_;
  }

  std::string url_;
  std::atomic<bool> ended_{false}, odd_{false};
  std::atomic<std::uint64_t> reads_{0};
  std::thread thread_;
};

/// The restore in a process of its own, as it may be killed.
pid_t restore_elsewhere(Scene& scene) {
  const pid_t id = ::fork();
  if (id != 0) return id;
  int code = 0;
  try {
    scene.target.open()->restore(scene.artifacts);
  } catch (const std::exception&) {
    code = 1;
  }
  ::_exit(code);
}

}  // namespace

TEST_CASE("fault: postgresql target: what is missing on the server is named beforehand") {
  if (!is_there()) return;
  Scene scene;
  SUBCASE("extension") {
    scene.put_into_record("\"citext\"", "\"pg_missing\"");
    const Thrown thrown = scene.refused(scene.target.options());
    CHECK(thrown.code == ErrorCode::configuration);
    CHECK(thrown.says("pg_missing"));
  }
  SUBCASE("role") {
    scene.put_into_record("\"owners\": [", "\"owners\": [ \"gone away\",");
    const Thrown thrown = scene.refused(scene.target.options());
    CHECK(thrown.code == ErrorCode::configuration);
    CHECK(thrown.says("gone away"));
    CHECK(thrown.hint.find("--no-owner") != std::string::npos);
  }
  SUBCASE("tablespace") {
    scene.put_into_record("\"tablespaces\": [", "\"tablespaces\": [ \"fast disk\"");
    const Thrown thrown = scene.refused(scene.target.options());
    CHECK(thrown.code == ErrorCode::configuration);
    CHECK(thrown.says("fast disk"));
  }
  SUBCASE("locale") {
    scene.put_into_record("\"C.UTF-8\"", "\"xx_XX.UTF-8\"");
    const Thrown thrown = scene.refused(scene.target.options());
    CHECK(thrown.code == ErrorCode::configuration);
    CHECK(thrown.says("xx_XX.UTF-8"));
  }
  scene.check_untouched();
}

TEST_CASE("fault: postgresql target: without owners and grants no roles are needed") {
  if (!is_there()) return;
  Scene scene;
  scene.put_into_record("\"owners\": [", "\"owners\": [ \"gone away\",");
  auto options = scene.target.options();
  options.no_owner = options.no_acl = true;
  scene.target.open(options)->restore(scene.artifacts);
  CHECK(scene.target.text("SELECT count(*) FROM public.plain") == "3004");
  CHECK(scene.target.text("SELECT relowner::regrole::text = current_user FROM pg_class WHERE oid = "
                          "'public.plain'::regclass") == "t");
  CHECK(scene.target.text("SELECT relacl FROM pg_class WHERE oid = 'public.plain'::regclass") ==
        "NULL");
}

TEST_CASE("fault: postgresql target: rows side by side, and one that the server does not take") {
  if (!is_there()) return;
  Scene scene;
  auto options = scene.target.options();
  options.jobs = 3;
  scene.target.open(options)->restore(scene.artifacts);
  CHECK(scene.target.state() == scene.whole);
  auto& archive = scene.artifacts.content["db.dump"];
  const std::size_t row = archive.find("3003\t");
  REQUIRE(row != std::string::npos);
  archive[row] = 'x';  // of a column of integers
  const Thrown thrown = scene.refused(options);
  CHECK(thrown.says("x003"));
  CHECK(scene.target.state() == scene.whole);
  CHECK(scene.target.leftovers().empty());
}

TEST_CASE("fault: postgresql target: rows that are missing are noticed before the swap") {
  if (!is_there()) return;
  Scene scene;
  scene.put_into_record("\"public.single\": 4", "\"public.single\": 5");
  const Thrown thrown = scene.refused(scene.target.options());
  CHECK(thrown.code == ErrorCode::critical);
  CHECK(thrown.says("public.single"));
  CHECK(thrown_by([&] { scene.target.open()->check(scene.artifacts); }).code ==
        ErrorCode::bad_data);
  scene.check_untouched();
}

TEST_CASE("fault: postgresql target: prepared transactions, slots and subscriptions need force") {
  if (!is_there()) return;
  const SpecialServer special;
  Scene scene(special.server.value("PRISM_TEST_POSTGRES"));
  leave_holds(scene.target);
  const Thrown thrown = scene.refused(scene.target.options());
  CHECK(thrown.code == ErrorCode::refused);
  CHECK(thrown.says("it's held"));
  CHECK(thrown.says("slots: held"));
  CHECK(thrown.says("subscriptions: sub"));
  CHECK(scene.target.leftovers().empty());
  auto options = scene.target.options();
  options.force = true;
  scene.target.open(options)->restore(scene.artifacts);
  CHECK(scene.target.state() == scene.whole);
  CHECK(scene.target.leftovers().empty());
  CHECK(scene.target.text_outside("SELECT count(*) FROM pg_replication_slots") == "0");
}

TEST_CASE("fault: postgresql target: readers see the old or the new database") {
  if (!is_there()) return;
  Scene scene;
  Reader first(scene.target.url()), second(scene.target.url());
  REQUIRE(comes_true([&] { return first.reads() > 0 && second.reads() > 0; }));
  scene.target.open()->restore(scene.artifacts);
  const auto before = first.reads();
  CHECK(comes_true([&] { return first.reads() > before; }));
  first.stop();
  second.stop();
  CHECK_FALSE(first.saw_something_else());
  CHECK_FALSE(second.saw_something_else());
  CHECK(scene.target.state() == scene.whole);
}

TEST_CASE("fault: postgresql target: a restore that is cancelled leaves nothing") {
  if (!is_there()) return;
  Scene scene;
  const auto begin = Clock::now();
  scene.target.open()->restore(scene.artifacts);
  const auto undisturbed = Clock::now() - begin;
  scene.target.change();
  std::mt19937 random(7);
  for (int i = 0; i < 6; ++i) {
    Quiet quiet;
    const auto moment = undisturbed * (i * 100 + static_cast<int>(random() % 100)) / 600;
    std::thread canceller([&] {
      std::this_thread::sleep_until(Clock::now() + moment);
      quiet.cancel().request(SIGTERM);
    });
    bool finished = false;
    try {
      postgres::open_component(scene.target.options(), quiet.log(), quiet.cancel())
          ->restore(scene.artifacts);
      finished = true;
    } catch (const Error& e) {
      CHECK(e.code() == ErrorCode::terminated);
    }
    canceller.join();
    const std::string state = scene.target.state();
    CHECK((state == scene.whole || (state == scene.changed && !finished)));
    if (state == scene.whole) scene.target.change();
    CHECK(scene.target.leftovers().empty());
  }
}

TEST_CASE("fault: postgresql target: kill -9 of a restore leaves the old or the new database") {
  if (!is_there()) return;
  Scene scene;
  const auto begin = Clock::now();
  scene.target.open()->restore(scene.artifacts);
  const auto undisturbed = Clock::now() - begin;
  scene.target.change();
  std::mt19937 random(20261121);
  for (int i = 0; i < 20; ++i) {
    const pid_t id = restore_elsewhere(scene);
    const auto moment = undisturbed * (i * 100 + static_cast<int>(random() % 100)) / 2000;
    std::this_thread::sleep_until(Clock::now() + moment);
    ::kill(id, SIGKILL);
    ::waitpid(id, nullptr, 0);
    const std::string state = scene.target.state();
    CHECK((state == scene.whole || state == scene.changed));
    if (state == scene.whole) scene.target.change();
  }
  scene.target.open()->restore(scene.artifacts);
  CHECK(scene.target.state() == scene.whole);
  CHECK(comes_true([&] {
    if (scene.target.leftovers().empty()) return true;
    // The server had not noticed yet that the last owner is gone.
    scene.target.open()->restore(scene.artifacts);
    return false;
  }));
}

}  // namespace prism::test
