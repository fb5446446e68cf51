#include <fstream>

#include <doctest/doctest.h>

#include <prism/drivers/drivers.hpp>

#include "cli/cli.hpp"
#include "contract/component.hpp"
#include "support/quiet.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism {
namespace {

namespace fs = std::filesystem;

class SqliteTarget : public contract::ComponentFixture {
 public:
  explicit SqliteTarget(const char* journal = "wal") {
    folder_.write("books.db", "");
    const test::Sql sql(file());
    sql.execute(std::string("PRAGMA journal_mode = ") + journal);
    sql.execute("CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT, cover BLOB)");
    sql.execute("CREATE INDEX by_title ON book (title)");
    sql.execute("CREATE TABLE \"odd \"\"name\" (x)");
    sql.execute("CREATE VIRTUAL TABLE words USING fts5(word)");
    sql.execute(
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
        "INSERT INTO book SELECT i, 'title ' || i, randomblob(200) FROM n");
    sql.execute("INSERT INTO words SELECT title FROM book");
  }

  fs::path file() const { return folder_ / "books.db"; }

  std::unique_ptr<backup::Component> open() override {
    return drivers::open_component({"books", "sqlite", file().string(), "", ""}, {}, quiet_.log(),
                                   quiet_.cancel());
  }

  std::string state() override {
    const test::Sql sql(file());
    std::string state;
    for (const auto& row : sql.rows("SELECT type, name, sql FROM sqlite_schema ORDER BY name")) {
      state += row[0] + row[1] + row[2] + "\n";
    }
    for (const auto& row : sql.rows("SELECT id, title, hex(cover) FROM book ORDER BY id")) {
      state += row[0] + row[1] + row[2] + "\n";
    }
    return state + sql.text("SELECT count(*) FROM words WHERE words MATCH 'title'");
  }

  void change() override {
    const test::Sql sql(file());
    sql.execute("DELETE FROM book WHERE id % 3 = 0; UPDATE book SET title = 'x' WHERE id = 1");
    sql.execute("CREATE TABLE IF NOT EXISTS newer (x); DROP INDEX IF EXISTS by_title");
  }

  void remove() override {
    for (const char* const end : {"", "-wal", "-shm", "-journal"})
      fs::remove(file().string() + end);
  }

  bool damage() override {
    std::fstream out(file(), std::ios::in | std::ios::out | std::ios::binary);
    out.write("this is no database, or no longer", 33);
    return true;
  }

  test::Folder folder_;
  mutable test::Quiet quiet_;
};

void check(void (*check)(contract::ComponentFixture&)) {
  for (const char* const journal : {"wal", "delete"}) {
    CAPTURE(std::string(journal));
    SqliteTarget fixture(journal);
    check(fixture);
  }
}

}  // namespace

#define CASE(name, words) \
  TEST_CASE("contract: sqlite target: " words) { check(contract::name); }
PRISM_COMPONENT_CONTRACT(CASE)
#undef CASE

}  // namespace prism
