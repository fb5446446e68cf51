#include "support/wal.hpp"

#include <doctest/doctest.h>

#include <prism/base/lock.hpp>

#include "cli/cli.hpp"
#include "support/kill.hpp"
#include "support/running.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

std::string segment_name(unsigned number) {
  return postgres::segment_of(1, number, kWalMiB).text();
}

/// A command line in what looks like the data folder of a server.
struct Scene {
  Scene() {
    cli.write("global/pg_control", wal_control());
    fs::create_directory(cli / "pg_wal");
  }

  std::string write(const std::string& name, const std::string& content) const {
    cli.write("pg_wal/" + name, content);
    return "pg_wal/" + name;
  }

  Ended push(const std::string& name, const Variables& variables = {}) const {
    return cli({"wal", "push", write(name, wal_segment(name))}, variables);
  }

  Ended fetch(const std::string& name, const Words& more = {"--prefetch", "0"},
              const Variables& variables = {}) const {
    Words words{"wal", "fetch", name, "pg_wal/RECOVERYXLOG"};
    words.insert(words.end(), more.begin(), more.end());
    return cli(words, variables);
  }

  std::string fetched() const { return content_of(cli / "pg_wal/RECOVERYXLOG"); }

  fs::path ahead(const std::string& name) const {
    return cli / ("pg_wal/.prismctl-prefetch/" + name);
  }

  Cli cli;
};

const std::string kFirst = "000000010000000000000001";

}  // namespace

TEST_CASE("cli: wal: what was pushed is fetched, and may be pushed again") {
  const Scene scene;
  const Ended pushed = scene.push(kFirst);
  CAPTURE(pushed.err);
  CHECK(pushed.code == 0);
  CHECK(pushed.out.empty());
  CHECK(scene.push(kFirst).code == 0);
  CHECK(scene.cli.json({"wal", "push", "pg_wal/" + kFirst}).at("result") == "was_there");
  CHECK(scene.fetch(kFirst).code == 0);
  CHECK((scene.fetched() == wal_segment(kFirst)));
  CHECK(scene.cli.audit().empty());
  // By another folder than that of the data, and where pg_wal is a link to elsewhere.
  CHECK(scene
            .cli({"wal", "fetch", kFirst, "elsewhere", "--system", std::to_string(kWalSystem),
                  "--prefetch", "0"})
            .code == 0);
  fs::rename(scene.cli / "pg_wal", scene.cli / "moved");
  fs::create_directory_symlink(scene.cli / "moved", scene.cli / "pg_wal");
  CHECK(scene.push(kFirst).code == 0);
}

TEST_CASE("cli: wal: another content of a name, and what is no such segment, are refused") {
  const Scene scene;
  REQUIRE(scene.push(kFirst).code == 0);
  const auto push = [&](const std::string& name, const std::string& content) {
    return scene.cli({"wal", "push", scene.write(name, content)});
  };
  const Ended other = push(kFirst, wal_segment(kFirst, kWalMiB, kWalSystem, 2));
  CHECK(other.code == 73);
  CHECK(missing_in(other.err, {kFirst + ": the archive has another content of that name"}) == "");
  const Ended foreign = push(segment_name(2), wal_segment(segment_name(2), kWalMiB, 42));
  CHECK(foreign.code == 65);
  CHECK(missing_in(foreign.err, {"WAL of another cluster"}) == "");
  CHECK(push(segment_name(2), wal_segment(segment_name(3))).code == 65);
  CHECK(push(segment_name(2), "x").code == 65);
  CHECK(push("notes.txt", "x").code == 64);
  CHECK(scene.cli({"wal", "push", "pg_wal/" + segment_name(9)}).code == 66);
  fs::remove_all(scene.cli / "global");
  const Ended unknown = scene.cli({"wal", "push", "pg_wal/" + kFirst});
  CHECK(unknown.code == 66);
  CHECK(missing_in(unknown.err, {"global/pg_control", "--system ID"}) == "");
}

TEST_CASE("cli: wal: fetch ends with 1 only where the archive does not have it, else with 255") {
  const Scene scene;
  const Ended empty = scene.fetch(kFirst);
  CHECK(empty.code == 255);
  CHECK(missing_in(empty.err, {"no WAL of the cluster", "is its disk mounted?"}) == "");
  REQUIRE(scene.push(kFirst).code == 0);
  CHECK(scene.fetch(segment_name(2)).code == 1);
  CHECK(scene.fetch("00000002.history").code == 1);
  CHECK(scene.fetch(kFirst, {"--repository", "not-mounted"}).code == 255);
  CHECK(scene.fetch("no-name").code == 255);
  CHECK(scene.fetch(kFirst, {"--bogus"}).code == 255);
  CHECK(scene.fetch(kFirst, {"--prefetch", "many"}).code == 255);
  CHECK(scene.cli({"wal", "fetch"}).code == 255);
  CHECK(scene.cli({"--log-level", "loud", "wal", "fetch", kFirst, "x"}).code == 255);
  CHECK(scene.fetch(kFirst, {"--config", "none.toml"}).code == 255);
  CHECK(scene
            .fetch(kFirst, {"--repository", "s3://b/p", "--wait", "0"},
                   {{"S3_ENDPOINT", "http://127.0.0.1:1"},
                    {"AWS_ENDPOINT_URL", "http://127.0.0.1:1"},
                    {"PRISMCTL_S3_RETRY_TIME", "1"},
                    {"AWS_ACCESS_KEY_ID", "a"},
                    {"AWS_SECRET_ACCESS_KEY", "b"}})
            .code == 255);
  for (const auto& entry : fs::recursive_directory_iterator(scene.cli / "backups")) {
    if (entry.path().extension() == ".zst") std::ofstream(entry.path()) << "damaged";
  }
  const Ended damaged = scene.fetch(kFirst);
  CHECK(damaged.code == 255);
  CHECK(missing_in(damaged.err, {kFirst, "damaged"}) == "");
  CHECK_FALSE(fs::exists(scene.cli / "pg_wal/RECOVERYXLOG"));
}

TEST_CASE("cli: wal: a push that was killed is completed by the next one") {
  const Scene scene;
  const std::string name = segment_name(7);
  scene.write(name, wal_segment(name));
  kill_at_moments(
      [&] {
        return scene.cli.launch({"wal", "push", "pg_wal/" + name});
      },
      [&] {
        const Ended again = scene.cli({"wal", "push", "pg_wal/" + name});
        CAPTURE(again.err);
        CHECK(again.code == 0);
        CHECK(scene.fetch(name).code == 0);
        CHECK((scene.fetched() == wal_segment(name)));
        fs::remove_all(scene.cli / "backups");
      });
}

TEST_CASE("cli: wal: the next segments are fetched ahead, and taken from there") {
  const Scene scene;
  for (unsigned number = 1; number <= 6; ++number)
    REQUIRE(scene.push(segment_name(number)).code == 0);
  CHECK(scene.fetch(segment_name(1), {"--prefetch", "3"}).code == 0);
  CHECK(comes_true([&] {
    return fs::exists(scene.ahead(segment_name(4) + ".sha256")) && !fs::exists(scene.ahead("lock"));
  }));
  CHECK_FALSE(fs::exists(scene.ahead(segment_name(5))));
  const Json taken =
      scene.cli.json({"wal", "fetch", segment_name(2), "pg_wal/RECOVERYXLOG", "--prefetch", "0"});
  CHECK(taken.at("result") == "prefetched");
  CHECK((scene.fetched() == wal_segment(segment_name(2))));
  // One that is damaged there is fetched anew; those before are removed.
  std::ofstream(scene.ahead(segment_name(4))) << "damaged";
  const Json anew =
      scene.cli.json({"wal", "fetch", segment_name(4), "pg_wal/RECOVERYXLOG", "--prefetch", "0"});
  CHECK(anew.at("result") == "fetched");
  CHECK((scene.fetched() == wal_segment(segment_name(4))));
  CHECK_FALSE(fs::exists(scene.ahead(segment_name(3))));
  // What is not there yet is not remembered so.
  CHECK(scene.fetch(segment_name(6), {"--prefetch", "3"}).code == 0);
  CHECK(scene.fetch(segment_name(7), {"--prefetch", "3"}).code == 1);
  REQUIRE(scene.push(segment_name(7)).code == 0);
  CHECK(scene.fetch(segment_name(7), {"--prefetch", "3"}).code == 0);
  CHECK((scene.fetched() == wal_segment(segment_name(7))));
  CHECK(comes_true([&] { return !fs::exists(scene.ahead("lock")); }));
}

TEST_CASE("cli: wal: what was fetched ahead of another repository is not taken") {
  const Scene scene;
  for (unsigned number = 1; number <= 2; ++number)
    REQUIRE(scene.push(segment_name(number)).code == 0);
  CHECK(scene.fetch(segment_name(1), {"--prefetch", "1"}).code == 0);
  CHECK(comes_true([&] {
    return fs::exists(scene.ahead(segment_name(2) + ".sha256")) && !fs::exists(scene.ahead("lock"));
  }));
  fs::copy(scene.cli / "backups", scene.cli / "other", fs::copy_options::recursive);
  CHECK(scene.cli
            .json({"wal", "fetch", segment_name(2), "pg_wal/RECOVERYXLOG", "--prefetch", "0",
                   "--repository", "other"})
            .at("result") == "fetched");
}

namespace {

constexpr std::uint64_t kLarge = 16 * kWalMiB;
constexpr unsigned kAhead = 8;

std::string large_name(unsigned number) { return postgres::segment_of(1, number, kLarge).text(); }

/// Who fetches ahead there; 0: nobody any more.
pid_t fetcher_in(const Scene& scene) {
  constexpr std::string_view kBefore = "prefetch, process ";
  const std::string owner = content_of(scene.ahead("lock"));
  return owner.starts_with(kBefore) ? std::stoi(owner.substr(kBefore.size())) : 0;
}

/// In the midst of that segment. False where it was too late.
bool kill_fetcher_at(const Scene& scene, const std::string& name) {
  comes_true([&] {
    return fs::exists(scene.ahead(name + ".prismctl.tmp")) ||
           fs::exists(scene.ahead(name + ".sha256"));
  });
  const pid_t fetcher = fetcher_in(scene);
  if (fetcher == 0 || ::kill(fetcher, SIGKILL) != 0) return false;
  return comes_true([&] { return !is_running(fetcher); });
}

}  // namespace

TEST_CASE("fault: physical: WAL that was fetched ahead by who was killed is whole, or not taken") {
  const Scene scene;
  for (unsigned number = 1; number <= 1 + kAhead; ++number) {
    const std::string name = large_name(number);
    REQUIRE(scene.cli({"wal", "push", scene.write(name, wal_segment(name, kLarge))}).code == 0);
  }
  int killed = 0;
  for (unsigned time = 0; time < kAhead; ++time) {
    CAPTURE(time);
    REQUIRE(scene.fetch(large_name(1), {"--prefetch", std::to_string(kAhead)}).code == 0);
    if (kill_fetcher_at(scene, large_name(2 + time))) ++killed;
    // Every other time somebody else goes on with it.
    const std::string more = time % 2 == 0 ? "0" : std::to_string(kAhead);
    for (unsigned number = 2; number <= 1 + kAhead; ++number) {
      CHECK(scene.fetch(large_name(number), {"--prefetch", more}).code == 0);
      CHECK((scene.fetched() == wal_segment(large_name(number), kLarge)));
    }
    CHECK(comes_true([&] { return FileLock::owner(scene.ahead("lock")).empty(); }));
    fs::remove_all(scene.ahead(""));
  }
  CHECK(killed > 0);
  REQUIRE(scene.fetch(large_name(1), {"--prefetch", "2"}).code == 0);
}

TEST_CASE("cli: wal: list tells of timelines, and of what is missing") {
  const Scene scene;
  CHECK(scene.cli({"wal", "list"}).out.find("no WAL") != std::string::npos);
  for (const unsigned number : {1U, 2U, 5U}) REQUIRE(scene.push(segment_name(number)).code == 0);
  const Ended listed = scene.cli({"wal", "list"});
  CHECK(listed.code == 1);
  CHECK(missing_in(listed.out, {segment_name(3) + " to " + segment_name(4) + " are missing"}) ==
        "");
  const Json json = scene.cli.json({"wal", "list"});
  const Json& system = json.at("systems").at(0);
  CHECK(system.at("system") == std::to_string(kWalSystem));
  CHECK(system.at("segment_bytes") == kWalMiB);
  CHECK(system.at("runs").size() == 2);
  CHECK(system.at("runs").at(0).at("segments") == 2);
  CHECK(system.at("last") == segment_name(5));
  CHECK(system.at("gaps").size() == 1);
}

}  // namespace prism::test
