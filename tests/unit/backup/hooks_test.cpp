#include <csignal>

#include <doctest/doctest.h>

#include <prism/backup/hooks.hpp>
#include <prism/base/error.hpp>
#include <prism/base/files.hpp>

#include "support/quiet.hpp"
#include "support/running.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace prism::backup {

TEST_CASE("hooks: are told what they are run for, by their environment") {
  const test::Folder folder;
  test::Quiet quiet;
  const std::string file = (folder / "told").string();
  const std::string line = "echo $PRISMCTL_OPERATION,$PRISMCTL_TARGET,$PRISMCTL_RESULT >> " + file;
  HookRunner hooks({line, line}, {"backup", "store"}, quiet.log());
  hooks.before(quiet.cancel());
  CHECK(hooks.after("failed").empty());
  CHECK(read_file(file, 1000) == "backup,store,\nbackup,store,failed\n");
}

TEST_CASE("hooks: one that fails says so in its own words") {
  test::Quiet quiet;
  HookRunner hooks({"echo 'no such service' >&2; exit 3", "exit 4"}, {"restore", "store"},
                   quiet.log());
  const auto failed = test::thrown_by([&] { hooks.before(quiet.cancel()); });
  CHECK(failed.code == ErrorCode::critical);
  CHECK(failed.message == "target store: hook before the restore ended with 3: no such service");
  CHECK(hooks.after("ok") == "target store: hook after the restore ended with 4");
}

TEST_CASE("hooks: none are run where there are none, and the one before ends with the run") {
  test::Quiet quiet;
  HookRunner none({}, {"backup", ""}, quiet.log());
  none.before(quiet.cancel());
  CHECK(none.after("ok").empty());
  const test::Folder folder;
  HookRunner slow({"sleep 1000", "touch " + (folder / "after").string()}, {"backup", ""},
                  quiet.log());
  quiet.cancel().request(15);
  CHECK(test::thrown_by([&] { slow.before(quiet.cancel()); }).code == ErrorCode::terminated);
  CHECK(slow.after("failed").empty());
  CHECK(std::filesystem::exists(folder / "after"));
}

TEST_CASE("hooks: one that leaves something running is over when its shell is") {
  const test::Folder folder;
  test::Quiet quiet;
  const std::string file = (folder / "id").string();
  HookRunner hooks({"", "sleep 600 & echo $! > " + file + "; echo started"}, {"backup", ""},
                   quiet.log());
  CHECK(hooks.after("ok").empty());
  const pid_t started = std::stoi(read_file(file, 100));
  CHECK(test::is_running(started));
  ::kill(started, SIGKILL);
}

TEST_CASE("hooks: of one whose time is over nothing goes on") {
  const test::Folder folder;
  test::Quiet quiet;
  const std::string file = (folder / "id").string();
  HookRunner hooks({"sh -c 'echo $$ > " + file + "; sleep 600; echo stopped'; :", ""},
                   {"backup", "store"}, quiet.log());
  Cancel limit;
  limit.limit_time(std::chrono::seconds(1));
  CHECK(test::thrown_by([&] { hooks.before(limit); }).code == ErrorCode::unavailable);
  const pid_t inner = std::stoi(read_file(file, 100));
  CHECK(test::comes_true([&] { return !test::is_running(inner); }));
}

}  // namespace prism::backup
