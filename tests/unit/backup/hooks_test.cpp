#include <doctest/doctest.h>

#include <prism/backup/hooks.hpp>
#include <prism/base/error.hpp>
#include <prism/base/files.hpp>

#include "support/quiet.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

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

}  // namespace prism::backup
