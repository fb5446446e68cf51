#include <atomic>
#include <barrier>
#include <functional>
#include <thread>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <prism/backup/repository_lock.hpp>
#include <prism/base/error.hpp>

#include "support/memory_repository.hpp"
#include "support/quiet.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace prism::backup {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

constexpr const char* kPast = "2020-01-01T00:00:00Z";
constexpr const char* kFuture = "2199-01-01T00:00:00Z";

void put(repository::Repository& repository, const std::string& name, const std::string& text) {
  const auto sink = repository.create(name);
  sink->write(text);
  sink->finish();
}

/// A process that was never there: numbers end at 2^22.
RunOwner dead_process() {
  RunOwner owner = this_run("backup");
  owner.process = (1 << 22) + 1;
  return owner;
}

std::string lock_of(const RunOwner& owner, const std::string& until) {
  Json json = Json::parse(to_json_text(owner));
  json["until"] = until;
  return json.dump();
}

/// One in which something happens after a listing, or writing fails.
class EventfulRepository : public test::MemoryRepository {
 public:
  std::vector<repository::Object> list(const std::string& prefix) override {
    auto found = MemoryRepository::list(prefix);
    if (const auto then = std::exchange(after_list, nullptr)) then();
    return found;
  }
  std::unique_ptr<ByteSink> create(const std::string& name) override {
    if (full) throw Error(ErrorCode::io, "the disk is full");
    return MemoryRepository::create(name);
  }

  std::function<void()> after_list;
  std::atomic<bool> full = false;
};

struct Scene {
  /// Tries to take the lock; what it said when it was refused.
  test::Thrown refused(LockTimes times = {}) {
    return test::thrown_by(
        [&] { RepositoryLock(repository, "restore", 0s, quiet.context(), times); });
  }
  void takes_it() { RepositoryLock(repository, "backup", 0s, quiet.context()); }

  EventfulRepository repository;
  test::Quiet quiet;
};

}  // namespace

TEST_CASE("lock: it keeps others away, names its owner, and is given back") {
  Scene scene;
  {
    const RepositoryLock lock(scene.repository, "backup", 0s, scene.quiet.context());
    const auto refused = scene.refused();
    CHECK(refused.code == ErrorCode::locked);
    CHECK(refused.says("backup, process "));
    REQUIRE(live_owners(scene.repository).size() == 2);
    CHECK(live_owners(scene.repository)[0].is_same_run(this_run("x")));
  }
  CHECK(scene.repository.list("").empty());
  scene.takes_it();
}

TEST_CASE("lock: that of a process known to be dead, or whose time is over, is none") {
  Scene scene;
  put(scene.repository, "locks/0123.1", lock_of(dead_process(), kFuture));
  scene.takes_it();
  RunOwner elsewhere = dead_process();
  elsewhere.boot = "another";
  put(scene.repository, "locks/0123.1", lock_of(elsewhere, kPast));
  scene.takes_it();
  CHECK(scene.repository.list("").empty());
}

TEST_CASE("lock: a process of the same number elsewhere is not dead, whatever the host's name") {
  Scene scene;
  const auto counts = [&](const std::string& text) {
    put(scene.repository, "locks/0123.1", text);
    const auto refused = scene.refused();
    CHECK(refused.code == ErrorCode::locked);
    CHECK(refused.says("backup, process 4194305 on "));
    scene.repository.remove("locks/0123.1");
  };
  RunOwner machine = dead_process();
  machine.boot = "00000000-0000-0000-0000-000000000000";
  counts(lock_of(machine, kFuture));
  RunOwner container = dead_process();
  container.pid_namespace = "pid:[1]";
  counts(lock_of(container, kFuture));
  const RunOwner older = dead_process();
  counts(Json{{"purpose", "backup"},
              {"host", older.host},
              {"process", older.process},
              {"begun", "7"},
              {"until", kFuture}}
             .dump());
}

TEST_CASE("lock: one that can't be read is one, until it is old") {
  Scene scene;
  put(scene.repository, "locks/0123.1", "{");
  CHECK(scene.refused().says("a lock that can't be read, locks/0123.1"));
  scene.repository.remove("locks/0123.1");
  put(scene.repository, "locks/0123.1", std::string(100'000, 'x'));
  CHECK(scene.refused().code == ErrorCode::locked);
}

TEST_CASE("lock: one that is renewed while it is looked at is seen") {
  Scene scene;
  const std::string held = lock_of(this_run("backup"), kFuture);
  put(scene.repository, "locks/0123.5", held);
  scene.repository.after_list = [&] {
    put(scene.repository, "locks/0123.6", held);
    scene.repository.remove("locks/0123.5");
  };
  CHECK(scene.refused().code == ErrorCode::locked);
}

TEST_CASE("lock: two objects of it are there whenever it is renewed") {
  Scene scene;
  RepositoryLock lock(scene.repository, "backup", 0s, scene.quiet.context(), {.renewal = 5ms});
  const auto newest = [&] { return scene.repository.list("locks/").back().name; };
  const std::string first = newest();
  CHECK(test::comes_true([&] {
    CHECK(scene.repository.list("locks/").size() >= 2);
    return newest() != first;
  }));
}

TEST_CASE("lock: a run whose lock was removed ends, and says so") {
  Scene scene;
  RepositoryLock lock(scene.repository, "backup", 0s, scene.quiet.context(), {.renewal = 5ms});
  Cancel part;
  lock.cancels(part);
  const auto lost = test::thrown_by([&] {
    lock.guard([&](Context& held) {
      test::comes_true([&] {
        for (const auto& object : scene.repository.list("locks/")) {
          scene.repository.remove(object.name);
        }
        return held.cancel.requested() && part.requested();
      });
      held.cancel.check();
    });
  });
  CHECK(lost.code == ErrorCode::locked);
  CHECK(lost.says("the lock was lost"));
  CHECK(lost.says("somebody has removed it"));
  CHECK(part.requested());
  CHECK_FALSE(scene.quiet.cancel().requested());
}

TEST_CASE("lock: whether it is still there is seen at once, by who asks") {
  Scene scene;
  const RepositoryLock lock(scene.repository, "backup", 0s, scene.quiet.context());
  CHECK_NOTHROW(lock.require_held());
  for (const auto& object : scene.repository.list("locks/")) scene.repository.remove(object.name);
  // Another's is none.
  put(scene.repository, "locks/0123.1", lock_of(this_run("prune"), kFuture));
  const auto lost = test::thrown_by([&] { lock.require_held(); });
  CHECK(lost.code == ErrorCode::locked);
  CHECK(lost.says("the lock was lost"));
  CHECK(lost.says("somebody has removed it"));
}

TEST_CASE("lock: a run that can't renew it ends when its time is over, also where it never asks") {
  Scene scene;
  RepositoryLock lock(scene.repository, "backup", 0s, scene.quiet.context(),
                      {.renewal = 5ms, .life = 50ms});
  const auto lost = test::thrown_by([&] {
    lock.guard([&](Context& held) {
      scene.repository.full = true;
      test::comes_true([&] { return held.cancel.requested(); });
    });
  });
  CHECK(lost.code == ErrorCode::locked);
  CHECK(lost.says("it could not be renewed in time"));
}

TEST_CASE("lock: what ends the work while the lock is held is told as it is") {
  Scene scene;
  RepositoryLock lock(scene.repository, "backup", 0s, scene.quiet.context());
  const auto failed =
      test::thrown_by([&] { lock.guard([](Context&) { throw Error(ErrorCode::refused, "no"); }); });
  CHECK(failed.code == ErrorCode::refused);
  bool done = false;
  lock.guard([&](Context&) { done = true; });
  CHECK(done);
}

TEST_CASE("lock: of many that come at once one gets it, every time") {
  constexpr int kRounds = 20, kRuns = 6;
  for (int round = 0; round < kRounds; ++round) {
    CAPTURE(round);
    Scene scene;
    std::atomic<int> taken = 0, refused = 0;
    std::barrier begin(kRuns), end(kRuns);
    const auto compete = [&] {
      begin.arrive_and_wait();
      std::optional<RepositoryLock> lock;
      try {
        lock.emplace(scene.repository, "backup", 0s, scene.quiet.context(),
                     LockTimes{.contention = 60s});
        ++taken;
      } catch (const Error& e) {
        if (e.code() == ErrorCode::locked) ++refused;
      }
      end.arrive_and_wait();
    };
    std::vector<std::thread> runs;
    for (int i = 0; i < kRuns; ++i) runs.emplace_back(compete);
    for (std::thread& run : runs) run.join();
    CHECK(taken == 1);
    CHECK(refused == kRuns - 1);
    CHECK(scene.repository.list("").empty());
  }
}

TEST_CASE("lock: a candidate that goes no further is waited for, but not for ever") {
  Scene scene;
  put(scene.repository, "locks/0000.0", lock_of(this_run("backup"), kFuture));
  CHECK(scene.refused({.contention = 20ms}).code == ErrorCode::locked);
  CHECK(scene.repository.list("").size() == 1);
  scene.repository.remove("locks/0000.0");
  put(scene.repository, "locks/zzzz.0", lock_of(this_run("backup"), kFuture));
  CHECK(scene.refused({.contention = 20ms}).code == ErrorCode::locked);
  CHECK(scene.repository.list("").size() == 1);
}

}  // namespace prism::backup
