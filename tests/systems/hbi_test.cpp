#include <fstream>

#include <doctest/doctest.h>

#include "support/bucket.hpp"
#include "support/graph_data.hpp"
#include "support/redis_data.hpp"
#include "support/services.hpp"
#include "systems/system.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// An index of books: texts in SQLite, jobs in Redis, scans in MinIO, authors in Neo4j.
class Hbi {
 public:
  Hbi() : queue_server_("redis"), queue_url_(queue_server_.value("PRISM_TEST_REDIS")) {
    fs::create_directories(books());
    std::ofstream(database()).close();
    Sql(database())
        .execute(
            "PRAGMA journal_mode = WAL;"
            "CREATE TABLE book (id INTEGER PRIMARY KEY, isbn TEXT UNIQUE, title TEXT);"
            "CREATE VIRTUAL TABLE book_text USING fts5(title, body);"
            "INSERT INTO book (isbn, title) VALUES ('9783', 'Emil'), ('9784', 'Das doppelte "
            "Lottchen');"
            "INSERT INTO book_text VALUES ('Emil', 'Berlin, Berlin'), ('Lottchen', 'Wien, "
            "München')");
    RedisCli queue(queue_url_);
    queue({"ZADD", "arq:queue", "1793318400000", "job1", "1793318400001", "job2"});
    queue({"SET", "arq:job:job1", std::string("\x80\x05\x00job", 6), "PX", "90000000"});
    queue({"RPUSH", "dlq:book_processing", "9785", "9786"});
    scans_.put("9783/page 1.png", many_bytes(70'000));
    scans_.put("9784/cover.png", "png");
    graph_.execute("CREATE CONSTRAINT isbn FOR (b:Book) REQUIRE b.isbn IS UNIQUE");
    graph_.execute(
        "CREATE (:Author {name: 'Kästner'})-[:WROTE {in: date('1929-10-15')}]->(:Book {isbn: "
        "'9783'})");
  }

  std::string environment() const {
    return "ENVIRONMENT=production\nDATABASE_URL=sqlite:///./data/database/prod.db\nREDIS_URL=" +
           queue_url_ + "\n" + minio_keys() + "MINIO_BUCKET_NAME=" + scans_.name() +
           "\nNEO4J_URI=" + without_login(graph_.url()) +
           "\nNEO4J_PASSWORD=" + password_of(graph_.url()) + "\n";
  }

  /// What is found in the full text as well.
  std::string texts() const {
    if (!fs::exists(database())) return "none";
    const Sql sql(database());
    return sql.text("SELECT group_concat(id || isbn || title) FROM book") +
           sql.text("SELECT group_concat(title) FROM book_text WHERE book_text MATCH 'wien'") +
           sql.text("PRAGMA integrity_check");
  }

  Contents contents() const {
    return {{"store", texts()},
            {"cache", redis_state({queue_url_})},
            {"objects", scans_.state()},
            {"graph", graph_state(graph_)}};
  }

  void lose() const {
    fs::remove_all(books());
    flush();
    scans_.remove();
    empty_graph(graph_);
  }
  void flush() const { empty_redis({queue_url_}); }
  void go_on() const {
    Sql(database()).execute("INSERT INTO book (isbn, title) VALUES ('9790', 'Momo')");
    scans_.put("9790/cover.png", "newer");
    graph_.execute("CREATE (:Book {isbn: '9790'})");
  }

  const System& system() const { return system_; }

 private:
  fs::path books() const { return system_ / "app/data/database"; }
  fs::path database() const { return books() / "prod.db"; }

  PrivateServer queue_server_;
  std::string queue_url_;
  mutable Bucket scans_;
  Neo4jDatabase graph_;
  System system_{environment()};
};

bool has_hbi_servers() {
  return has_service("PRISM_TEST_REDIS") && has_service("PRISM_TEST_S3") &&
         has_service("PRISM_TEST_NEO4J");
}

}  // namespace

TEST_CASE("systems: hbi: SQLite, a queue, a bucket and a graph are lost and restored") {
  if (!has_hbi_servers()) return;
  const Hbi hbi;
  survive(hbi.system(),
          {.contents = [&] { return hbi.contents(); }, .strike = [&] { hbi.lose(); }});
  CHECK(missing_in(hbi.system().print({"status"}),
                   {"2 in arq:queue", "2 in dlq:book_processing"}) == "");
  hbi.system().print({"backup"});
  hbi.system().print({"backup", "prune", "--keep-last", "1"});
  CHECK(hbi.system().json({"backup", "list"}).at("backups").size() == 1);
}

TEST_CASE("systems: hbi: the queue alone is restored, all else stays as it is") {
  if (!has_hbi_servers()) return;
  const Hbi hbi;
  const std::string jobs = hbi.contents().at("cache");
  hbi.system().print({"backup"});
  hbi.go_on();
  hbi.flush();
  Contents expected = hbi.contents();
  expected["cache"] = jobs;
  hbi.system().print({"restore", "latest", "--target", "cache"});
  check_same(hbi.contents(), expected);
}

}  // namespace prism::test
