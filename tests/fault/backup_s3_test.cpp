// The real binary, and a repository in an S3 that is in trouble.
#include <limits>
#include <mutex>

#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/fake_s3.hpp"
#include "support/tcp_proxy.hpp"

namespace prism::test {
namespace {

constexpr std::size_t kForEver = std::numeric_limits<std::size_t>::max();

const std::string kFails = s3_error(500, "InternalError");
const std::string kBusy = s3_error(503, "SlowDown");
const std::string kStalls = "HTTP/1.1 200 Said\r\nContent-Length: 100\r\n\r\n";
const std::string kCut = "HTTP/1.1 200 Said\r\nConnection: close\r\nContent-Length: 100\r\n\r\n";

/// What S3 answers instead of doing its work.
struct Trouble {
  std::string method = {};  ///< empty: any
  std::string part = {};    ///< of the key
  std::string answer = {};
  std::size_t times = kForEver;
  std::size_t after = 0;  ///< so many of these requests go well first
};

/// A store of facts and some files, with a repository in S3.
class Scene {
 public:
  Scene() {
    cli.write("base.csv", table({"5001,6001,1146,7000", "5002,6002,1146,7000"}));
    REQUIRE(cli({"seed", "base.csv", "--store", "facts.db", "--cache", "none"}).code == 0);
    cli.write("certs/a.pem", "one");
    cli.write("certs/large", many_bytes(3 * kMiB));
    cli.write("prismctl.toml", "store = 'facts.db'\n[targets.certs]\npaths = ['certs']\n");
    std::filesystem::permissions(cli / "prismctl.toml", std::filesystem::perms::owner_read |
                                                            std::filesystem::perms::owner_write);
  }

  /// From now on. Until then, and behind its end, all goes well.
  void begin(const Trouble& trouble) {
    const std::lock_guard lock(mutex_);
    trouble_ = trouble;
    asked_ = 0;
  }
  void end() { begin({.times = 0}); }

  /// How many requests there were that the trouble is about.
  std::size_t asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  Ended run(const Words& words, const std::string& endpoint = {}) const {
    return run(words, endpoint.empty() ? s3_.url() : endpoint, "20", "30000");
  }
  /// Nothing is tried again, and a server that stalls is waited for two seconds.
  Ended run_once(const Words& words) const {
    return run(words, s3_.url(), "0", trouble_.answer == kStalls ? "2000" : "30000");
  }

  Json backups() const { return Json::parse(run({"backup", "list", "--json"}).out).at("backups"); }

  void change() const {
    Sql(cli / "facts.db").execute("DELETE FROM fact WHERE fact_uid = 5001");
    cli.write("certs/a.pem", "another");
  }
  std::string facts() const {
    return Sql(cli / "facts.db").text("SELECT group_concat(fact_uid) FROM fact");
  }
  std::string files() const { return content_of(cli / "certs/a.pem"); }

  Cli cli;

 private:
  Ended run(Words words, const std::string& endpoint, const std::string& retry_time,
            const std::string& timeout) const {
    words.insert(words.end(), {"--repository", "s3://bucket/backups"});
    return cli(words, {{"PRISMCTL_S3_ENDPOINT", endpoint},
                       {"PRISMCTL_S3_ACCESS_KEY", "access"},
                       {"PRISMCTL_S3_SECRET_KEY", "hidden-secret"},
                       {"PRISMCTL_S3_RETRY_TIME", retry_time},
                       {"PRISMCTL_S3_TIMEOUT", timeout}});
  }

  std::string answer_to(const HttpRequest& request, const std::string& key) {
    const std::lock_guard lock(mutex_);
    const bool meant = trouble_.method.empty() || request.method == trouble_.method;
    if (!meant || key.find(trouble_.part) == std::string::npos) return "";
    const std::size_t before = asked_++;
    const bool now = before >= trouble_.after && before - trouble_.after < trouble_.times;
    return now ? trouble_.answer : "";
  }

  mutable std::mutex mutex_;
  Trouble trouble_{.times = 0};
  std::size_t asked_ = 0;
  FakeS3 s3_{[this](const HttpRequest& request, const std::string& key) {
    return answer_to(request, key);
  }};
};

const Words kRestore{"restore", "latest", "--force", "--no-safety-copy"};

Words with_target(const std::string& name) {
  Words words = kRestore;
  words.insert(words.end(), {"--target", name});
  return words;
}

}  // namespace

TEST_CASE("fault: backup into S3: trouble that passes is outlasted") {
  Scene scene;
  for (const Trouble& trouble :
       {Trouble{"PUT", "/facts.db.zst", kFails, 1}, Trouble{"PUT", "/certs.tar.zst", kBusy, 4},
        Trouble{"PUT", "/certs.tar.zst", kCut, 2}, Trouble{"PUT", "/manifest.json", kFails, 1},
        Trouble{"PUT", "/locks/", kBusy, 3}, Trouble{"GET", "", kBusy, 4},
        Trouble{"DELETE", "", kFails, 2}}) {
    CAPTURE(trouble.method + " " + trouble.part);
    scene.begin(trouble);
    const Ended made = scene.run({"backup"});
    CAPTURE(made.err);
    CHECK(made.code == 0);
    CHECK(scene.asked() > trouble.times);
    scene.end();
    CHECK(scene.backups().back().at("state") == "complete");
    CHECK(scene.run({"backup", "verify"}).code == 0);
  }
}

TEST_CASE("fault: backup into S3: a connection that is cut within an upload") {
  const Scene scene;
  FakeS3 s3;
  TcpProxy proxy(s3.url().substr(s3.url().find("//") + 2));
  const auto run = [&](const Words& words) {
    return scene.run(words, "http://" + proxy.address());
  };
  proxy.cut_after(TcpProxy::to_server, kMiB);
  const Ended made = run({"backup"});
  CAPTURE(made.err);
  CHECK(made.code == 0);
  CHECK(proxy.counts().forwarded[TcpProxy::to_server] > 4 * kMiB);
  CHECK(run({"backup", "verify"}).code == 0);
  scene.change();
  proxy.cut_after(TcpProxy::to_client, kMiB);
  CHECK(run(kRestore).code == 0);
  CHECK(scene.facts() == "5001,5002");
  CHECK(scene.files() == "one");
}

TEST_CASE("fault: backup into S3: a server that fails for ever is told, and there is no backup") {
  Scene scene;
  struct Case {
    std::string answer, words, hint;
  };
  for (const Case& one :
       {Case{kFails, "the server refused (500 InternalError)", "see the server's log"},
        Case{kBusy, "the server is busy (503 SlowDown)", ""},
        Case{kCut, "transfer closed", "check that the server runs"},
        Case{kStalls, "said nothing and took nothing for 2000 ms", "check that the server runs"}}) {
    CAPTURE(one.words);
    scene.begin({"", "", one.answer});
    const Ended failed = scene.run_once({"backup"});
    CHECK(failed.code == 69);
    CHECK(missing_in(failed.err, {one.words, one.hint}) == "");
    CHECK(failed.err.find("hidden-secret") == std::string::npos);
    scene.end();
    CHECK(scene.backups().empty());
  }
}

TEST_CASE("fault: backup into S3: an artifact that can't be stored fails its target alone") {
  Scene scene;
  for (const std::string& answer : {kFails, kCut, kStalls}) {
    CAPTURE(answer);
    scene.begin({"PUT", "/facts.db.zst", answer});
    const Ended made = scene.run_once({"backup"});
    CHECK(made.code == 2);
    CHECK(missing_in(made.out, {"facts: failed: ", "\nHINT: ", "certs: ", ": incomplete"}) == "");
    scene.end();
    CHECK(scene.backups().back().at("state") == "incomplete");
    CHECK(scene.run({"backup", "verify"}).code == 3);
    CHECK(scene.run({"restore", "latest", "--force"}).code == 66);
  }
}

TEST_CASE("fault: backup into S3: one whose manifest can't be stored is none") {
  Scene scene;
  for (const std::string& answer : {kFails, kCut, kStalls}) {
    CAPTURE(answer);
    scene.begin({"PUT", "/manifest.json", answer});
    const Ended failed = scene.run_once({"backup"});
    CHECK(failed.code == 2);
    CHECK(missing_in(failed.err, {" is none without its manifest: ", "\nHINT: "}) == "");
    scene.end();
    CHECK(scene.backups().back().at("state") == "partial");
    CHECK(scene.run({"backup", "verify"}).code == 3);
    CHECK(scene.run({"restore", "latest", "--force"}).code == 66);
  }
}

TEST_CASE("fault: restore from S3: trouble that passes is outlasted") {
  Scene scene;
  REQUIRE(scene.run({"backup"}).code == 0);
  for (const Trouble& trouble :
       {Trouble{"GET", "/facts.db.zst", kFails, 1}, Trouble{"GET", "/certs.tar.zst", kBusy, 4},
        Trouble{"GET", "/certs.tar.zst", kCut, 2}, Trouble{"GET", "/manifest.json", kBusy, 2},
        Trouble{"GET", "", kFails, 3}}) {
    CAPTURE(trouble.part);
    scene.change();
    scene.begin(trouble);
    const Ended restored = scene.run(kRestore);
    CAPTURE(restored.err);
    CHECK(restored.code == 0);
    CHECK(scene.asked() > trouble.times);
    CHECK(scene.facts() == "5001,5002");
    CHECK(scene.files() == "one");
  }
}

TEST_CASE("fault: restore from S3: a server that fails at any read leaves the facts as they were") {
  Scene scene;
  REQUIRE(scene.run({"backup"}).code == 0);
  scene.change();
  const std::string facts = scene.facts();
  const Words restore = with_target("facts");
  for (const std::string& answer : {kFails, kCut, kStalls}) {
    for (const std::size_t after : {0U, 1U}) {
      CAPTURE(std::to_string(after) + answer);
      scene.begin({"GET", "/facts.", answer, kForEver, after});
      const Ended failed = scene.run_once(restore);
      CHECK(scene.asked() == after + 1);
      CHECK(failed.code == (after == 0 ? 69 : 2));  // first all is looked at
      CHECK(missing_in(failed.err, {"prismctl: ", "\nHINT: "}) == "");
      CHECK(scene.facts() == facts);
    }
  }
  scene.end();
  CHECK(scene.run(restore).code == 0);
  CHECK(scene.facts() == "5001,5002");
}

TEST_CASE("fault: restore from S3: a server that fails at any read leaves old or new files") {
  Scene scene;
  scene.cli.write("certs/large", many_bytes(20 * kMiB));
  REQUIRE(scene.run({"backup"}).code == 0);
  const Words restore = with_target("certs");
  constexpr std::size_t kPieces = 3;
  for (std::size_t after = 0; after < 2 * kPieces; ++after) {
    CAPTURE(after);
    scene.change();
    scene.begin({"GET", "/certs.", kCut, kForEver, after});
    const Ended failed = scene.run_once(restore);
    CHECK(scene.asked() > after);
    CHECK(failed.code == (after < kPieces ? 69 : 2));
    // Those that come first may be in their place already.
    const bool told = missing_in(failed.err, {"the same again finishes it"}) == "";
    CHECK(scene.files() == (told ? "one" : "another"));
    CHECK(told == (after > kPieces));
    CHECK(std::filesystem::file_size(scene.cli / "certs/large") == 20 * kMiB);
  }
  scene.end();
  CHECK(scene.run(restore).code == 0);
  CHECK(scene.files() == "one");
}

}  // namespace prism::test
