#include "support/backed_up_system.hpp"
#include "support/kill.hpp"

namespace prism::test {
namespace {

Json listed(const BackedUpSystem& system) {
  return Json::parse(system.run({"backup", "list", "--json"}).out).at("backups");
}

}  // namespace

TEST_CASE("fault: a backup into a bucket that is killed at any moment is none, or a good one") {
  if (!has_backup_servers()) return;
  const BackedUpSystem system;
  kill_at_moments([&] { return system.launch({"backup"}); },
                  [&] { CHECK_FALSE(listed(system).empty()); });
  for (const Json& backup : listed(system)) {
    const std::string id = backup.at("id");
    CAPTURE(id);
    if (backup.at("state") == "partial") continue;
    CHECK(backup.at("state") == "complete");
    CHECK(system.run({"backup", "verify", id}).code == 0);
  }
}

TEST_CASE(
    "fault: a restore of servers that is killed at any moment is old, new, or told and ended") {
  if (!has_backup_servers()) return;
  const BackedUpSystem system;
  const std::string old = system.people(), whole = system.state();
  REQUIRE(system.run({"backup"}).code == 0);
  system.wreck();
  const std::string wrecked = system.people();
  const Words restore{"restore", "latest", "--force", "--no-safety-copy"};
  kill_at_moments([&] { return system.launch(restore); },
                  [&] {
                    const std::string people = system.people();
                    CHECK_MESSAGE((people == old || people == wrecked), people);
                    RedisCli queue(system.queue_url());
                    const bool unfinished = queue.integer({"EXISTS", "prismctl:restore"}) == 1;
                    CHECK((system.run({"status"}).code == 2) == unfinished);
                    CHECK(system.run(restore).code == 0);
                    CHECK(system.state() == whole);
                    system.wreck();
                  });
  CHECK(system.state() == whole);
}

}  // namespace prism::test
