#include "support/whole_system.hpp"

#include <doctest/doctest.h>

#include "support/kill.hpp"

namespace prism::test {
namespace {

const Words kRestore{"restore", "latest", "--force", "--no-safety-copy", "--exact"};

void check_same(const std::map<std::string, std::string>& found,
                const std::map<std::string, std::string>& expected) {
  for (const auto& [name, state] : expected) {
    CAPTURE(name);
    CHECK(found.at(name) == state);
  }
}

}  // namespace

TEST_CASE("fault: a whole system: one backup, all lost, one restore") {
  if (!has_all_servers()) return;
  const WholeSystem system;
  const auto before = system.state();
  const Ended made = system.run({"backup", "--json"});
  CAPTURE(made.err);
  REQUIRE(made.code == 0);
  std::string targets;
  const Json manifest = Json::parse(made.out).at("backup");
  for (const Json& target : manifest.at("targets")) {
    targets += target.at("name").get<std::string>() + " ";
  }
  CHECK(targets == "facts store graph cache nats consul objects certs ");
  const Ended verified = system.run({"backup", "verify"});
  CAPTURE(verified.out);
  CHECK(verified.code == 0);
  system.lose();
  const Ended restored = system.run(kRestore);
  CAPTURE(restored.err);
  CHECK(restored.code == 0);
  check_same(system.state(), before);
}

TEST_CASE("fault: a whole system: a backup that is killed at any moment is none, or a good one") {
  if (!has_all_servers()) return;
  const WholeSystem system;
  const auto listed = [&] {
    return Json::parse(system.run({"backup", "list", "--json"}).out).at("backups");
  };
  kill_at_moments([&] { return system.launch({"backup"}); },
                  [&] { CHECK_FALSE(listed().empty()); });
  for (const Json& backup : listed()) {
    const std::string id = backup.at("id");
    CAPTURE(id);
    if (backup.at("state") == "partial") continue;
    CHECK(backup.at("state") == "complete");
    CHECK(system.run({"backup", "verify", id}).code == 0);
  }
}

/// Four times in a row, for what one has left the next one meets.
TEST_CASE(
    "fault: a whole system: a restore that is killed at any moment is ended by the same again") {
  if (!has_all_servers()) return;
  const WholeSystem system;
  const auto before = system.state();
  REQUIRE(system.run({"backup"}).code == 0);
  system.lose();
  int kills = 0;
  kill_at_moments([&] { return system.launch(kRestore); },
                  [&] {
                    if (++kills % 4 != 0) return;
                    const Ended again = system.run(kRestore);
                    CAPTURE(again.err);
                    CHECK(again.code == 0);
                    check_same(system.state(), before);
                    CHECK(system.run({"status"}).code != 2);
                    system.lose();
                  });
  check_same(system.state(), before);
}

}  // namespace prism::test
