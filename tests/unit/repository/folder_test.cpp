#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/repository/folder.hpp>

#include "support/small_disk.hpp"
#include "support/temporary.hpp"
#include "support/text_stream.hpp"
#include "support/thrown.hpp"

namespace prism::repository {
namespace {

namespace fs = std::filesystem;
using test::content_of;
using test::text_of;
using test::thrown_by;
using Names = std::vector<std::string>;

void put(Repository& repository, const std::string& name, std::string_view content = "facts") {
  const auto sink = repository.create(name);
  sink->write(content);
  sink->finish();
}

Names names_in(Repository& repository, const std::string& prefix = "") {
  Names names;
  for (const auto& object : repository.list(prefix)) names.push_back(object.name);
  return names;
}

/// All that lies below a folder, hidden or not.
Names entries_below(const fs::path& folder) {
  Names names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    names.push_back(entry.path().lexically_relative(folder).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

unsigned mode_of(const fs::path& path) {
  struct stat state {};
  REQUIRE(::lstat(path.c_str(), &state) == 0);
  return state.st_mode & 07777U;
}

/// Files are made with just the modes that are asked for.
class NoMask {
 public:
  NoMask() : before_(::umask(0)) {}
  ~NoMask() { ::umask(before_); }
  NoMask(const NoMask&) = delete;
  NoMask& operator=(const NoMask&) = delete;

 private:
  mode_t before_;
};

/// Modes of files bind this thread, even if it is root's.
class Unprivileged {
 public:
  Unprivileged() {
    if (::geteuid() == 0) ::setfsuid(65534);
  }
  ~Unprivileged() { ::setfsuid(::geteuid()); }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;
};

}  // namespace

TEST_CASE("repository: a folder is made with its first object") {
  const test::Folder folder;
  FolderRepository repository(folder / "above/root");
  CHECK(repository.location() == (folder / "above/root").string());
  CHECK(repository.list("").empty());
  repository.remove("a/b");
  CHECK(thrown_by([&] { repository.open("a/b"); }).code == ErrorCode::input_missing);
  CHECK(entries_below(folder.path()).empty());
  put(repository, "a/b");
  CHECK(content_of(folder / "above/root/a/b") == "facts");
}

TEST_CASE("repository: a folder is the owner's alone, and so is all that is in it") {
  const test::Folder folder;
  const NoMask no_mask;
  FolderRepository repository(folder / "above/root");
  put(repository, "a/b/c");
  for (const char* made : {"above", "above/root", "above/root/a", "above/root/a/b"}) {
    CHECK(mode_of(folder / made) == 0700U);
  }
  CHECK(mode_of(folder / "above/root/a/b/c") == 0600U);
}

TEST_CASE("repository: a folder that was there keeps its mode") {
  const test::Folder folder;
  fs::permissions(folder.path(), fs::perms(0750));
  FolderRepository repository(folder.path().string() + "/");
  put(repository, "a");
  CHECK(mode_of(folder.path()) == 0750U);
  CHECK(names_in(repository) == Names{"a"});
}

TEST_CASE("repository: an object that is written lies beside its place, hidden") {
  const test::Folder folder;
  FolderRepository repository(folder.path());
  const auto sink = repository.create("a/b");
  sink->write("facts");
  const Names entries = entries_below(folder.path());
  REQUIRE(entries.size() == 2);
  CHECK(entries[1].starts_with("a/.b."));
  CHECK(entries[1].ends_with(".tmp"));
  CHECK(mode_of(folder / entries[1]) == 0600U);
  sink->finish();
  CHECK(entries_below(folder.path()) == Names{"a", "a/b"});
}

TEST_CASE("repository: nothing hidden is left, nor a folder that is empty") {
  const test::Folder folder;
  FolderRepository repository(folder.path());
  repository.create("a/b/c")->write("never finished");
  CHECK(entries_below(folder.path()).empty());
  put(repository, "a/b");
  {
    const auto second = repository.create("a/b");
    second->write("other facts");
    CHECK(thrown_by([&] { second->finish(); }).message ==
          (folder / "a/b").string() + ": is there already");
  }
  CHECK(entries_below(folder.path()) == Names{"a", "a/b"});
  CHECK(content_of(folder / "a/b") == "facts");
}

TEST_CASE("repository: folders go with their last object, but not the root") {
  const test::Folder folder;
  const fs::path root = folder / "root";
  FolderRepository repository(root);
  put(repository, "a/b/c");
  put(repository, "a/d");
  repository.remove("a/b/c");
  CHECK(entries_below(root) == Names{"a", "a/d"});
  repository.remove("a/d");
  CHECK(fs::is_directory(root));
  CHECK(entries_below(root).empty());
}

TEST_CASE("repository: a folder with an object that is being written stays") {
  const test::Folder folder;
  FolderRepository repository(folder.path());
  put(repository, "a/b");
  const auto sink = repository.create("a/c");
  repository.remove("a/b");
  sink->write("facts");
  sink->finish();
  CHECK(names_in(repository) == Names{"a/c"});
}

TEST_CASE("repository: what is no object is not listed, and no folder is left out") {
  const test::Folder folder;
  folder.write("there/.hidden", "x");
  folder.write("there/.hidden.d/x", "x");
  folder.write("there/odd name", "x");
  folder.write("lost+found/x", "x");
  folder.write("there/object", "x");
  fs::create_directories(folder / "there/empty");
  REQUIRE(::mkfifo((folder / "there/pipe").c_str(), 0600) == 0);
  FolderRepository repository(folder.path());
  CHECK(names_in(repository) == Names{"there/object"});
  CHECK(names_in(repository, "there/") == Names{"there/object"});
  for (const char* name : {"there", "there/empty", "there/pipe", "there/object/x"}) {
    CHECK(thrown_by([&] { repository.open(name); }).code == ErrorCode::input_missing);
  }
}

TEST_CASE("repository: symbolic links are not followed, but for the root") {
  const test::Folder folder;
  folder.write("elsewhere/secret", "x");
  fs::create_directories(folder / "real");
  fs::create_directory_symlink(folder / "real", folder / "root");
  fs::create_directory_symlink(folder / "elsewhere", folder / "real/folder");
  fs::create_symlink(folder / "elsewhere/secret", folder / "real/file");
  FolderRepository repository(folder / "root");
  put(repository, "object");
  CHECK(names_in(repository) == Names{"object"});
  CHECK(names_in(repository, "folder/").empty());
  for (const char* name : {"file", "folder/secret"}) {
    CHECK(thrown_by([&] { repository.open(name); }).code == ErrorCode::input_missing);
  }
  repository.remove("folder/secret");
  CHECK(thrown_by([&] { put(repository, "folder/new"); }).code == ErrorCode::io);
  CHECK(thrown_by([&] { put(repository, "file"); }).code == ErrorCode::refused);
  CHECK(entries_below(folder / "elsewhere") == Names{"secret"});
  CHECK(content_of(folder / "elsewhere/secret") == "x");
}

TEST_CASE("repository: an object can't lie below another, nor take a folder's place") {
  const test::Folder folder;
  FolderRepository repository(folder.path());
  put(repository, "a");
  CHECK(thrown_by([&] { put(repository, "a/b"); }).code == ErrorCode::io);
  put(repository, "b/c");
  CHECK(thrown_by([&] { put(repository, "b"); }).code == ErrorCode::refused);
  repository.remove("b");
  CHECK(entries_below(folder.path()) == Names{"a", "b", "b/c"});
}

TEST_CASE("repository: a root that is no folder is an I/O error that names it") {
  const test::Folder folder;
  const auto file = folder.write("file", "x");
  FolderRepository repository(file), below(file / "root");
  for (FolderRepository* each : {&repository, &below}) {
    const auto thrown = thrown_by([&] { each->create("a"); });
    CHECK(thrown.code == ErrorCode::io);
    CHECK(thrown.says(file.string()));
    CHECK(thrown_by([&] { each->list(""); }).code == ErrorCode::io);
    CHECK(thrown_by([&] { each->open("a"); }).code == ErrorCode::io);
    CHECK(thrown_by([&] { each->remove("a"); }).code == ErrorCode::io);
  }
}

TEST_CASE("repository: a folder that may not be written to is a matter of permission") {
  const test::Folder folder;
  FolderRepository repository(folder / "root"), new_one(folder / "root/new");
  put(repository, "a/b");
  fs::permissions(folder.path(), fs::perms(0755));
  for (const char* each : {"root", "root/a"}) fs::permissions(folder / each, fs::perms(0555));
  {
    const Unprivileged unprivileged;
    CHECK(names_in(repository) == Names{"a/b"});
    for (const char* name : {"c", "a/c", "d/c"}) {
      CHECK(thrown_by([&] { repository.create(name); }).code == ErrorCode::permission);
    }
    CHECK(thrown_by([&] { new_one.create("c"); }).code == ErrorCode::permission);
    CHECK(thrown_by([&] { repository.remove("a/b"); }).code == ErrorCode::permission);
  }
  CHECK(entries_below(folder / "root") == Names{"a", "a/b"});
  for (const char* each : {"root", "root/a"}) fs::permissions(folder / each, fs::perms(0700));
}

TEST_CASE("repository: a folder that may not be read is a matter of permission") {
  const test::Folder folder;
  FolderRepository repository(folder / "root");
  put(repository, "a/b");
  fs::permissions(folder.path(), fs::perms(0755));
  fs::permissions(folder / "root", fs::perms(0755));
  fs::permissions(folder / "root/a", fs::perms(0));
  {
    const Unprivileged unprivileged;
    for (const char* prefix : {"", "a/"}) {
      CHECK(thrown_by([&] { repository.list(prefix); }).code == ErrorCode::permission);
    }
    CHECK(thrown_by([&] { repository.open("a/b"); }).code == ErrorCode::permission);
  }
  fs::permissions(folder / "root/a", fs::perms(0700));
}

TEST_CASE("repository: a full disk is an I/O error and leaves nothing") {
  const test::Folder folder;
  const test::SmallDisk disk(folder / "disk", "1m");
  if (!disk.mounted()) return;
  FolderRepository repository(folder / "disk");
  put(repository, "a/b");
  const auto thrown = thrown_by([&] { put(repository, "c/d", std::string(2U << 20, 'x')); });
  CHECK(thrown.code == ErrorCode::io);
  CHECK(thrown.message == (folder / "disk/c/d").string() + ": No space left on device");
  CHECK(entries_below(folder / "disk") == Names{"a", "a/b"});
  put(repository, "c/d", std::string(500'000, 'x'));
  CHECK(names_in(repository) == Names{"a/b", "c/d"});
}

TEST_CASE("repository: folder: what a writer that died has left goes when it is old") {
  using namespace std::chrono_literals;
  const test::Folder folder;
  FolderRepository repository(folder.path());
  const auto now = std::chrono::system_clock::now();
  const auto writer = repository.create("kept/object");
  std::filesystem::create_directory(folder / "dead");
  folder.write("dead/.object.0123456789abcdef.prismctl.tmp", "half");
  const auto others = {".note.tmp", "b/.object.0123456789abcdef.tmp",
                       "b/.0123456789abcdef.prismctl.tmp", "b/.x.0123456789abcdeg.prismctl.tmp"};
  for (const char* const other : others) folder.write(other, "somebody else's");
  folder.write(".mine", "");
  repository.remove_leftovers(now - 24h);
  CHECK(std::filesystem::exists(folder / "dead/.object.0123456789abcdef.prismctl.tmp"));
  writer->finish();
  repository.remove_leftovers(now + 24h);
  CHECK_FALSE(std::filesystem::exists(folder / "dead"));
  for (const char* const other : others) CHECK(std::filesystem::exists(folder / other));
  CHECK(std::filesystem::exists(folder / ".mine"));
  CHECK(repository.list("").size() == 1);
}

}  // namespace prism::repository
