#include <doctest/doctest.h>

#include <prism/base/error.hpp>
#include <prism/drivers/sqlite/unlocked_read.hpp>

#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::sqlite {

namespace fs = std::filesystem;

TEST_CASE("sqlite unlocked read: what has changed meanwhile is told, also with the same size") {
  const test::Folder folder;
  const fs::path file = folder.write("a ?#%.db", "content");
  const UnlockedRead read(file);
  read.require_unchanged();
  CHECK(read.uri() == "file:" + (folder / "a %3f%23%25.db").string() + "?immutable=1");
  folder.write("a ?#%.db", "CONTENT");
  const auto changed = test::thrown_by([&] { read.require_unchanged(); });
  CHECK(changed.code == ErrorCode::locked);
  CHECK(changed.says("written to while it was read"));
  CHECK_FALSE(changed.hint.empty());
}

TEST_CASE("sqlite unlocked read: none where a log waits, wherever the link to the file lies") {
  const test::Folder folder;
  const fs::path file = folder.write("data/books.db", "content");
  fs::create_symlink("data/books.db", folder / "link.db");
  folder.write("data/books.db-wal", "");
  UnlockedRead(folder / "link.db").require_unchanged();
  folder.write("data/books.db-wal", "frames");
  const auto waiting = test::thrown_by([&] { const UnlockedRead read(folder / "link.db"); });
  CHECK(waiting.code == ErrorCode::locked);
  CHECK(waiting.says("its write-ahead log can't be read"));
}

TEST_CASE("sqlite unlocked read: links are followed to their end, and not for ever") {
  const test::Folder folder;
  fs::create_symlink("b.db", folder / "a.db");
  fs::create_symlink("data/c.db", folder / "b.db");
  CHECK(real_path(folder / "a.db") == fs::canonical(folder.path()) / "data/c.db");
  fs::create_symlink("self.db", folder / "self.db");
  CHECK(test::thrown_by([&] { real_path(folder / "self.db"); }).code == ErrorCode::io);
}

}  // namespace prism::sqlite
