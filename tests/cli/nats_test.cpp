#include "support/nats.hpp"

#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/kill.hpp"
#include "support/services.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// A system of which its own environment file names NATS alone.
class NatsSystem {
 public:
  NatsSystem() : own_("nats"), url_(own_.value("PRISM_TEST_NATS")) {
    fill_nats(url_);
    // With or without the scheme, as other programs have it.
    cli.write("system.env", "NATS_URL=" + url_.substr(7) + "\n");
  }

  Launch launch(Words words) const {
    words.insert(words.end(), {"--env-file", "system.env", "--repository", "backups"});
    return cli.launch(words);
  }
  Ended run(const Words& words) const {
    Process process(launch(words));
    return process.wait();
  }
  std::string state() const { return NatsClient(url_).state(); }
  const std::string& url() const { return url_; }

  Cli cli;

 private:
  PrivateServer own_;
  std::string url_;
};

}  // namespace

TEST_CASE("cli: nats: backup and restore of all streams, by NATS_URL alone") {
  if (!has_service("PRISM_TEST_NATS")) return;
  const NatsSystem system;
  const std::string before = system.state();
  const Ended made = system.run({"backup"});
  CAPTURE(made.err);
  REQUIRE(made.code == 0);
  CHECK(missing_in(made.out, {"nats: ", "complete"}) == "");
  const Ended verified = system.run({"backup", "verify"});
  CAPTURE(verified.out);
  CHECK(verified.code == 0);

  change_nats(system.url());
  CHECK(system.run({"restore", "latest"}).code == 73);
  const Ended restored = system.run({"restore", "latest", "--force", "--exact"});
  CAPTURE(restored.err);
  CHECK(restored.code == 0);
  CHECK(missing_in(restored.out, {"what was there is kept as backup"}) == "");
  CHECK(system.state() == before);
  NatsClient(system.url()).remove_all();
  CHECK(system.run({"restore", "latest"}).code == 0);
}

TEST_CASE("cli: nats: what is left out is told by backup, list and verify") {
  if (!has_service("PRISM_TEST_NATS")) return;
  const NatsSystem system;
  NatsClient(system.url())
      .add_stream("INTEREST", {{"storage", "memory"}, {"retention", "interest"}});
  const Ended made = system.run({"backup"});
  CHECK(made.code == 1);
  CHECK(missing_in(made.out, {"nats: left out: stream INTEREST: in memory", "complete"}) == "");
  CHECK(missing_in(system.run({"backup", "list"}).out, {"complete", "not all of it"}) == "");
  const Json list = Json::parse(system.run({"backup", "list", "--json"}).out);
  CHECK(list.at("backups").at(0).at("left_out").size() == 1);
  const Ended verified = system.run({"backup", "verify"});
  CHECK(verified.code == 0);
  CHECK(missing_in(verified.out, {"nats: left out when it was made: stream INTEREST"}) == "");
}

TEST_CASE("cli: nats: a restore test needs a server of its own, and compares all of it") {
  if (!has_service("PRISM_TEST_NATS")) return;
  const NatsSystem system;
  REQUIRE(system.run({"backup"}).code == 0);
  const Ended without = system.run({"backup", "verify", "--restore-test"});
  CHECK(without.code == 1);
  CHECK(missing_in(without.out, {"nats: not tested: a stream keeps its name"}) == "");

  const PrivateServer scratch("nats");
  const std::string url = scratch.value("PRISM_TEST_NATS");
  system.cli.write("prismctl.toml",
                   "[targets.nats]\nurl = '" + system.url() + "'\nscratch = '" + url + "'\n");
  fs::permissions(system.cli / "prismctl.toml", fs::perms::owner_read | fs::perms::owner_write);
  const Ended tested = system.run({"backup", "verify", "--restore-test", "--json"});
  CAPTURE(tested.out);
  CHECK(tested.code == 0);
  CHECK(missing_in(tested.out, {"digest of the messages of ORDERS", "number of messages of EVENTS",
                                "number of consumers"}) == "");
  CHECK(NatsClient(url).streams().empty());

  NatsClient(url).add_stream("MINE", {});
  const Ended refused = system.run({"backup", "verify", "--restore-test"});
  CHECK(refused.code == 1);
  CHECK(missing_in(refused.out, {"the scratch server has streams already"}) == "");
  CHECK(NatsClient(url).streams() == std::vector<std::string>{"MINE"});
}

TEST_CASE("cli: nats: a wrong password is exit code 77, and is never shown") {
  if (!has_service("PRISM_TEST_NATS_AUTH")) return;
  const Cli cli;
  std::string url = *service("PRISM_TEST_NATS_AUTH");
  const std::string host = url.substr(url.find('@') + 1);
  const Variables variables{
      {"NATS_URL", "nats://" + host}, {"NATS_USER", "prism"}, {"NATS_PASSWORD", "no-such-secret"}};
  const Ended status = cli({"restore", "latest", "--repository", "backups"}, variables);
  const Ended made = cli({"backup", "--repository", "backups"}, variables);
  CHECK(made.code == 2);
  CHECK(missing_in(made.out, {"nats: failed: ", "user and password are not accepted"}) == "");
  for (const Ended& ended : {made, status}) {
    CHECK((ended.out + ended.err).find("no-such-secret") == std::string::npos);
  }
  REQUIRE(cli({"backup", "--repository", "backups"}, {{"NATS_URL", url}}).code == 0);
  CHECK(cli({"restore", "latest", "--repository", "backups"}, variables).code == 77);
}

TEST_CASE("fault: nats: a restore that is killed at any moment is old, new, or told and ended") {
  if (!has_service("PRISM_TEST_NATS")) return;
  const NatsSystem system;
  const std::string whole = system.state();
  REQUIRE(system.run({"backup"}).code == 0);
  // For status, which looks at a store first of all.
  system.cli.write("base.csv", table({"5001,6001,1146,7000"}));
  REQUIRE(system.cli({"seed", "base.csv", "--store", "facts.db", "--cache", "none"}).code == 0);
  const Words status{"status", "--store", "facts.db", "--cache", "none"};
  change_nats(system.url());
  std::string wrecked = system.state();
  const Words restore{"restore", "latest", "--force", "--no-safety-copy", "--exact"};
  kill_at_moments([&] { return system.launch(restore); },
                  [&] {
                    NatsClient client(system.url());
                    const auto names = client.streams();
                    const bool unfinished =
                        std::find(names.begin(), names.end(), "PRISMCTL_RESTORE") != names.end();
                    if (!unfinished) {
                      const std::string state = client.state();
                      CHECK((state == whole || state == wrecked));
                    }
                    CHECK((system.run(status).code == 2) == unfinished);
                    CHECK(system.run(restore).code == 0);
                    CHECK(system.state() == whole);
                    change_nats(system.url());
                    wrecked = system.state();
                  });
  CHECK(system.state() == whole);
}

}  // namespace prism::test
