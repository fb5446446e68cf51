#include <filesystem>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/base/files.hpp>

#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism {
namespace {

namespace fs = std::filesystem;
using test::content_of;
using test::thrown_by;

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

std::size_t entries_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

int open_null() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

}  // namespace

TEST_CASE("base: a descriptor is closed once, by its last owner") {
  const int fd = open_null();
  {
    FileDescriptor first(fd);
    FileDescriptor second(std::move(first));
    CHECK_FALSE(first.valid());
    CHECK(second.get() == fd);
    FileDescriptor third;
    third = std::move(second);
    CHECK(third.valid());
    CHECK(is_open(fd));
  }
  CHECK_FALSE(is_open(fd));
}

TEST_CASE("base: taking over a descriptor closes the one held before") {
  const int held = open_null();
  FileDescriptor owner(held);
  owner = FileDescriptor(open_null());
  CHECK_FALSE(is_open(held));
  owner.reset();
  CHECK_FALSE(owner.valid());
}

TEST_CASE("base: small files are read whole, up to the limit itself") {
  const test::Folder folder;
  const std::string content(200'000, 'x');
  const auto file = folder.write("content", content);
  CHECK(read_file(file, 200'000) == content);
  CHECK(read_file(folder.write("empty", ""), 0).empty());
  const auto thrown = thrown_by([&] { read_file(file, 199'999); });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK(thrown.message == file.string() +
                              ": larger than 199,999 bytes, which this kind of file "
                              "never is");
}

TEST_CASE("base: files that can't be read are named") {
  const test::Folder folder;
  const auto missing = thrown_by([&] { read_file(folder / "missing", 10); });
  CHECK(missing.code == ErrorCode::input_missing);
  CHECK(missing.message == (folder / "missing").string() + ": No such file or directory");
  const auto a_folder = thrown_by([&] { read_file(folder.path(), 10); });
  CHECK(a_folder.code == ErrorCode::io);
  CHECK(a_folder.says("Is a directory"));
}

TEST_CASE("base: a file is replaced as a whole and nothing is left beside it") {
  const test::Folder folder;
  const auto file = folder.write("list.json", "old");
  write_file_atomically(file, "new content");
  CHECK(content_of(file) == "new content");
  write_file_atomically(folder / "other", "");
  CHECK(content_of(folder / "other").empty());
  CHECK(entries_in(folder.path()) == 2);
}

TEST_CASE("base: a file that can't be replaced is left as it was") {
  const test::Folder folder;
  const auto missing = thrown_by([&] { write_file_atomically(folder / "no/folder", "x"); });
  CHECK(missing.code == ErrorCode::io);
  fs::create_directories(folder / "taken" / "inside");
  const auto taken = thrown_by([&] { write_file_atomically(folder / "taken", "x"); });
  CHECK(taken.says((folder / "taken").string()));
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("base: a writer empties an old file and keeps all that is written") {
  const test::Folder folder;
  const auto file = folder.write("out.csv", "what was there before");
  std::string expected;
  {
    FileWriter writer(file);
    for (int i = 0; i < 50'000; ++i) {
      writer.buffer() += "line " + std::to_string(i) + "\n";
      expected += "line " + std::to_string(i) + "\n";
      writer.flush_if_full();
    }
    CHECK(fs::file_size(file) > 0);
    CHECK(fs::file_size(file) < expected.size());
    writer.close();
    CHECK(writer.buffer().empty());
  }
  CHECK(content_of(file) == expected);
}

TEST_CASE("base: a writer to a descriptor leaves it open") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const FileDescriptor in(ends[0]), out(ends[1]);
  FileWriter writer(out.get(), "standard output");
  writer.buffer() += "facts";
  writer.close();
  CHECK(is_open(out.get()));
  char got[8];
  CHECK(::read(in.get(), got, sizeof got) == 5);
  CHECK(std::string(got, 5) == "facts");
}

TEST_CASE("base: a full disk is an I/O error that names the file") {
  if (!fs::exists("/dev/full")) return;
  FileWriter writer(fs::path("/dev/full"));
  writer.buffer() += "facts";
  const auto thrown = thrown_by([&] { writer.close(); });
  CHECK(thrown.code == ErrorCode::io);
  CHECK(thrown.message == "/dev/full: No space left on device");
}

TEST_CASE("base: a writer that writes behind keeps the order, and tells what went wrong") {
  const test::Folder folder;
  const auto file = folder / "behind.txt";
  std::string expected;
  {
    FileWriter writer(file);
    writer.write_behind();
    for (int i = 0; i < 300000; ++i) {
      const std::string line = std::to_string(i) + "\n";
      writer.buffer() += line;
      expected += line;
      writer.flush_if_full();
    }
    writer.close();
  }
  CHECK(test::content_of(file) == expected);

  FileWriter full(fs::path("/dev/full"));
  full.write_behind();
  const auto fill = [&full] {
    for (int i = 0; i < 100; ++i) {
      full.buffer().append(300000, 'x');
      full.flush_if_full();
    }
  };
  CHECK_THROWS_AS(fill(), Error);
  {
    FileWriter left_alone(fs::path("/dev/null"));
    left_alone.write_behind();
  }
}

TEST_CASE("base: a temporary folder is the owner's alone and goes with all that is in it") {
  const test::Folder folder;
  fs::path path;
  {
    const TemporaryFolder temporary(folder.path(), "staging-");
    path = temporary.path();
    CHECK(path.parent_path() == folder.path());
    CHECK(path.filename().string().starts_with("staging-"));
    struct stat state {};
    REQUIRE(::stat(path.c_str(), &state) == 0);
    CHECK((state.st_mode & 0777) == 0700);
    fs::create_directories(path / "a" / "b");
    write_file_atomically(path / "a" / "b" / "file", "x");
    const TemporaryFolder another(folder.path(), "staging-");
    CHECK(another.path() != path);
  }
  CHECK(entries_in(folder.path()) == 0);
  CHECK(thrown_by([&] { TemporaryFolder(folder / "missing", "x"); }).code == ErrorCode::io);
}

TEST_CASE("base: syncing what is not there is told") {
  const test::Folder folder;
  CHECK_NOTHROW(sync_path(folder.path()));
  CHECK(thrown_by([&] { sync_path(folder / "missing"); }).code == ErrorCode::input_missing);
}

TEST_CASE("base: a new file has its mode, and replaces nothing") {
  const test::Folder folder;
  write_new_file(folder / "a", "one", fs::perms::owner_read | fs::perms::owner_write);
  struct stat state {};
  REQUIRE(::stat((folder / "a").c_str(), &state) == 0);
  CHECK((state.st_mode & 0777) == 0600);
  const auto thrown = thrown_by([&] { write_new_file(folder / "a", "two", fs::perms::owner_all); });
  CHECK(thrown.code == ErrorCode::refused);
  CHECK(thrown.says("it is there already"));
  CHECK(test::content_of(folder / "a") == "one");
  folder.write("b.tmp", "of a run that was killed");
  write_new_file(folder / "b", "three", fs::perms::owner_all);
  CHECK(test::content_of(folder / "b") == "three");
  CHECK(entries_in(folder.path()) == 2);
  CHECK(thrown_by([&] { write_new_file(folder / "c/d", "", fs::perms::owner_all); }).code ==
        ErrorCode::io);
}

}  // namespace prism
