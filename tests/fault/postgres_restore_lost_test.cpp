// The real binary, and a PostgreSQL server that goes away in the midst of a restore.
#include <optional>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "cli/cli.hpp"
#include "support/postgres.hpp"
#include "support/services.hpp"
#include "support/tcp_proxy.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

const Words kRestore{"restore", "latest", "--force", "--no-safety-copy"};
constexpr const char* kOld = "20000 old";
constexpr const char* kNew = "1 new";

/// A database by way of a proxy, a backup of it, and a change since. While its gate, another
/// database, is there, a restore stands still at the first row.
class Scene {
 public:
  explicit Scene(const std::string& server = postgres_server())
      : proxy(authority_of(server)), database_(server), gate_(std::in_place, server) {
    database_.execute(fmt::format(
        "CREATE FUNCTION public.passes(i integer) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN "
        "WHILE current_database() <> '{}' AND EXISTS (SELECT FROM pg_catalog.pg_database WHERE "
        "datname = '{}') LOOP PERFORM pg_catalog.pg_sleep(0.01); END LOOP; RETURN true; END $$",
        database_.name(), gate_->name()));
    database_.execute(
        "CREATE TABLE person (id integer PRIMARY KEY CHECK (public.passes(id)), "
        "state text)");
    database_.execute("INSERT INTO person SELECT i, 'old' FROM generate_series(1, 20000) i");
    REQUIRE(run({"backup"}).code == 0);
    change();
  }

  Launch launch(const Words& words) const {
    return cli_.launch(words, {{"DATABASE_URL", through(proxy, database_.url())}});
  }
  Ended run(const Words& words) const {
    Process process(launch(words));
    return process.wait();
  }

  void change() const {
    database_.execute("DELETE FROM person WHERE id > 1; UPDATE person SET state = 'new'");
  }
  std::string state() const {
    return database_.text("SELECT count(*) || ' ' || max(state) FROM person");
  }
  void open_gate() { gate_.reset(); }

  /// A restore that has come to the gate.
  Process restore_at_gate() const {
    Process restore(launch(kRestore));
    const std::string waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND " + ours();
    REQUIRE(comes_true([&] { return database_.integer(waiting) > 0; }));
    return restore;
  }

  /// Ends the sessions in what a restore makes.
  void terminate() const {
    database_.text("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE " + ours());
  }

  std::int64_t leftovers() const {
    return database_.integer("SELECT count(*) FROM pg_database WHERE " + ours());
  }

  void check_failed(const Ended& failed) const {
    CAPTURE(failed.err);
    CHECK(failed.code == 2);
    CHECK(missing_in(failed.err, {"target store: ", "\nHINT: ", "; try again"}) == "");
    CHECK(state() == kNew);
  }

  /// Once more, until the server has noticed that the sessions of the first restore are gone.
  void check_rerun() const {
    CHECK(comes_true([&] {
      const Ended again = run(kRestore);
      CAPTURE(again.err);
      CHECK(again.code == 0);
      return leftovers() == 0;
    }));
    CHECK(state() == kOld);
  }

  TcpProxy proxy;

 private:
  std::string ours() const { return "datname LIKE '" + database_.name() + "\\_prismctl\\_%'"; }

  PostgresDatabase database_;
  std::optional<PostgresDatabase> gate_;
  Cli cli_;
};

bool is_there() { return has_service("PRISM_TEST_POSTGRES"); }

}  // namespace

TEST_CASE("fault: restore of PostgreSQL: a connection that is cut leaves the old database") {
  if (!is_there()) return;
  Scene scene;
  Process restore = scene.restore_at_gate();
  scene.proxy.refuse();
  scene.proxy.cut();
  const Ended failed = restore.wait();
  scene.proxy.forward();
  scene.check_failed(failed);
  scene.open_gate();
  scene.check_rerun();
}

TEST_CASE("fault: restore of PostgreSQL: sessions that are terminated leave the old database") {
  if (!is_there()) return;
  Scene scene;
  Process restore = scene.restore_at_gate();
  scene.terminate();
  const Ended failed = restore.wait();
  scene.check_failed(failed);
  CHECK(scene.leftovers() == 0);
  scene.open_gate();
  scene.check_rerun();
}

TEST_CASE("fault: restore of PostgreSQL: a server that is killed keeps the old database") {
  if (!is_there()) return;
  const PrivateServer server("postgres");
  Scene scene(server.value("PRISM_TEST_POSTGRES"));
  Process restore = scene.restore_at_gate();
  server.kill();
  const Ended failed = restore.wait();
  server.restart();
  scene.check_failed(failed);
  scene.open_gate();
  scene.check_rerun();
}

TEST_CASE("fault: restore of PostgreSQL: one connection that is cut at any moment") {
  if (!is_there()) return;
  Scene scene;
  scene.open_gate();
  const auto sent = [&] { return scene.proxy.counts().forwarded[TcpProxy::to_server]; };
  const std::uint64_t before = sent();
  REQUIRE(scene.run(kRestore).code == 0);
  const std::uint64_t whole = sent() - before;
  constexpr std::uint64_t kMoments = 6;
  for (std::uint64_t moment = 0; moment < kMoments; ++moment) {
    CAPTURE(moment);
    scene.change();
    scene.proxy.cut_after(TcpProxy::to_server, whole * moment / kMoments + 1);
    const Ended ended = scene.run(kRestore);
    CAPTURE(ended.err);
    scene.proxy.forward();
    CHECK((ended.code == 0 || ended.code == 2 || ended.code == 69));
    CHECK((scene.state() == kOld || (scene.state() == kNew && ended.code != 0)));
    scene.check_rerun();
  }
}

}  // namespace prism::test
