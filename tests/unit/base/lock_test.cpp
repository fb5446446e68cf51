#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include <prism/base/lock.hpp>

#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::thrown_by;

/// A process that takes the lock and keeps it until it is killed.
class Holder {
 public:
  explicit Holder(const fs::path& file) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    process_ = ::fork();
    REQUIRE(process_ >= 0);
    if (process_ == 0) hold(file, ends[1]);
    ::close(ends[1]);
    char ready = 0;
    REQUIRE(::read(ends[0], &ready, 1) == 1);
    ::close(ends[0]);
  }
  ~Holder() { kill(); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }

 private:
  [[noreturn]] static void hold(const fs::path& file, int ready) {
    const Cancel cancel;
    try {
      const FileLock lock(file, "seed", 0s, cancel);
      (void)!::write(ready, "x", 1);
      while (true) ::pause();
    } catch (...) {
      ::_exit(1);
    }
  }

  pid_t process_ = 0;
};

}  // namespace

TEST_CASE("base: a lock names its owner while it is held and is gone afterwards") {
  const test::Folder folder;
  const Cancel cancel;
  const auto file = folder / "prism.db.lock";
  {
    const FileLock lock(file, "seed", 0s, cancel);
    const std::string owner = FileLock::owner(file);
    CHECK(owner.starts_with("seed, process " + std::to_string(::getpid()) + " on "));
    CHECK(owner.ends_with("Z"));
  }
  CHECK(FileLock::owner(file).empty());
  CHECK_FALSE(fs::exists(file));
}

TEST_CASE("base: a second owner is refused and told who holds the lock") {
  const test::Folder folder;
  const Cancel cancel;
  const auto file = folder / "lock";
  const FileLock lock(file, "rebuild-cache", 0s, cancel);
  const auto thrown = thrown_by([&] { FileLock(file, "seed", 0s, cancel); });
  CHECK(thrown.code == ErrorCode::locked);
  CHECK(thrown.says(file.string() + ": held by another run (rebuild-cache, process "));
  CHECK(thrown.hint == "wait for it with --lock-wait SECONDS");
  CHECK(FileLock::owner(file).starts_with("rebuild-cache"));
}

TEST_CASE("base: a lock that is given back may be taken again") {
  const test::Folder folder;
  const Cancel cancel;
  for (int i = 0; i < 3; ++i) CHECK_NOTHROW(FileLock(folder / "lock", "seed", 0s, cancel));
}

TEST_CASE("base: who waits gets the lock as soon as it is free") {
  const test::Folder folder;
  const Cancel cancel;
  const auto file = folder / "lock";
  std::optional<FileLock> lock;
  lock.emplace(file, "import", 0s, cancel);
  std::thread waiting([&] {
    const FileLock second(file, "seed", 60s, cancel);
    CHECK(FileLock::owner(file).starts_with("seed"));
  });
  lock.reset();
  waiting.join();
  CHECK_FALSE(fs::exists(file));
}

TEST_CASE("base: a signal ends the wait for a lock") {
  const test::Folder folder;
  const Cancel cancel;
  Cancel interrupted;
  interrupted.request(SIGINT);
  const FileLock lock(folder / "lock", "seed", 0s, cancel);
  CHECK(thrown_by([&] { FileLock(folder / "lock", "seed", 60s, interrupted); }).code ==
        ErrorCode::interrupted);
}

TEST_CASE("base: the lock of a killed owner is free at once") {
  const test::Folder folder;
  const Cancel cancel;
  const auto file = folder / "lock";
  Holder holder(file);
  CHECK(FileLock::owner(file).starts_with("seed, process "));
  CHECK(thrown_by([&] { FileLock(file, "import", 0s, cancel); }).code == ErrorCode::locked);
  holder.kill();
  CHECK(FileLock::owner(file).empty());
  const FileLock lock(file, "import", 0s, cancel);
  CHECK(FileLock::owner(file).starts_with("import, process "));
}

TEST_CASE("base: a lock in a folder that isn't there is told") {
  const test::Folder folder;
  const Cancel cancel;
  const auto thrown = thrown_by([&] { FileLock(folder / "no" / "lock", "seed", 0s, cancel); });
  CHECK(thrown.code == ErrorCode::io);
  CHECK(thrown.says((folder / "no" / "lock").string()));
}

}  // namespace prism
