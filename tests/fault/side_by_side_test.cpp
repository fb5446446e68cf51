#include <csignal>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>

#include "cli/cli.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

/// A seed of many facts, held in the midst of its import.
Process stopped_seed(const Cli& cli) {
  cli.write("base.csv", table({"5001,6001,1146,7000"}));
  cli.write("many.csv", many_facts(100'000, true));
  REQUIRE(cli({"seed", "base.csv", "--store", "t.db"}).code == 0);
  Process seed(cli.launch({"seed", "many.csv", "--append", "--store", "t.db"}));
  const Sql sql(cli / "t.db");
  REQUIRE(comes_true([&] {
    return sql.integer("SELECT count(*) FROM run_stage WHERE stage = 'importing'") == 2;
  }));
  seed.send(SIGSTOP);
  REQUIRE(sql.integer("SELECT count(*) FROM fact") == 1);
  return seed;
}

}  // namespace

TEST_CASE("fault: of two seeds at once one is told who holds the lock, or waits for it") {
  const Cli cli;
  cli.write("other.csv", table({"5009,6009,1146,7000"}));
  Process first = stopped_seed(cli);
  const Words words{"seed", "other.csv", "--append", "--store", "t.db"};
  const Ended refused = cli(words);
  CHECK(refused.code == 75);
  CHECK(missing_in(refused.err, {"t.db.lock: held by another run (seed, process " +
                                     std::to_string(first.id()) + " on ",
                                 "HINT: wait for it with --lock-wait SECONDS"}) == "");
  const Ended status = cli({"status", "--store", "t.db"});
  CHECK(status.code == 0);
  CHECK(missing_in(status.out, {"seed is going on, in stage importing"}) == "");

  Words patient = words;
  patient.insert(patient.end(), {"--lock-wait", "60"});
  Process second(cli.launch(patient));
  CHECK_FALSE(second.ends_within(Process::Milliseconds(200)));
  first.send(SIGCONT);
  CHECK(first.wait().code == 0);
  CHECK(second.wait().code == 0);
  CHECK(Sql(cli / "t.db").integer("SELECT count(*) FROM fact") == 100'002);
  CHECK(cli({"status", "--store", "t.db"}).code == 0);
  CHECK(cli.left_behind().empty());
}

TEST_CASE("fault: a lock whose owner was killed is free at once") {
  const Cli cli;
  Process first = stopped_seed(cli);
  first.send(SIGKILL);
  CHECK(first.wait().signal == SIGKILL);
  const Ended status = cli({"status", "--store", "t.db"});
  CHECK(status.code == 1);
  CHECK(missing_in(status.out, {"seed was cut off in stage importing; run it again"}) == "");
  Json again = cli.json({"seed", "many.csv", "--store", "t.db"});
  CHECK(again["continued"] == "importing");
  CHECK(again["imported"]["inserted"] == 100'000);
  CHECK(cli({"status", "--store", "t.db"}).code == 0);
}

TEST_CASE("fault: a run that waits for a lock ends when it is told to") {
  for (const auto& [signal, code] : {std::pair(SIGINT, 130), std::pair(SIGTERM, 143)}) {
    CAPTURE(code);
    const Cli cli;
    cli.write("a.csv", table({"5001,6001,1146,7000"}));
    const auto lock = cli.write("t.db.lock", "someone");
    const FileDescriptor held(::open(lock.c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(::flock(held.get(), LOCK_EX) == 0);
    Process process(cli.launch({"import", "a.csv", "--store", "t.db", "--lock-wait", "600"}));
    // Its file is made before it waits for the lock.
    REQUIRE(comes_true([&] { return std::filesystem::exists(cli / "t.db"); }));
    CHECK_FALSE(process.ends_within(Process::Milliseconds(100)));
    process.send(signal);
    CHECK(process.ends_within(std::chrono::seconds(10)));
    CHECK(process.wait().code == code);
  }
}

TEST_CASE("fault: a run that waits for another writer ends when it is told to") {
  for (const auto& [signal, code] : {std::pair(SIGINT, 130), std::pair(SIGTERM, 143)}) {
    CAPTURE(code);
    const Cli cli;
    cli.write("a.csv", table({"5001,6001,1146,7000"}));
    REQUIRE(cli({"seed", "a.csv", "--store", "t.db"}).code == 0);
    const Sql writer(cli / "t.db");
    writer.execute("BEGIN IMMEDIATE");
    Process process(cli.launch({"import", "a.csv", "--store", "t.db", "--lock-wait", "600"}));
    // The lock between runs is taken just before the store is written to.
    REQUIRE(comes_true([&] { return std::filesystem::exists(cli / "t.db.lock"); }));
    CHECK_FALSE(process.ends_within(Process::Milliseconds(200)));
    process.send(signal);
    CHECK(process.ends_within(std::chrono::seconds(10)));
    const Ended ended = process.wait();
    CAPTURE(ended.err);
    CHECK(ended.code == code);
    CHECK(cli.left_behind().empty());
  }
}

TEST_CASE("fault: facts are read while a seed writes") {
  const Cli cli;
  Process seed = stopped_seed(cli);
  CHECK(cli.json({"status", "--store", "t.db"})["store"]["facts"] == 1);
  CHECK(cli({"rebuild-cache", "--dry-run", "--store", "t.db"}).code == 0);
  CHECK(cli({"uid", "show", "--store", "t.db"}).code == 0);
  seed.send(SIGCONT);
  CHECK(seed.wait().code == 0);
}

}  // namespace prism::test
