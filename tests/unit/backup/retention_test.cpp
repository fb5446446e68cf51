#include <doctest/doctest.h>

#include <prism/backup/retention.hpp>
#include <prism/base/date.hpp>
#include <prism/base/error.hpp>

#include "support/thrown.hpp"

namespace prism::backup {
namespace {

using namespace std::chrono_literals;

const auto kNow = *parse_utc("2026-11-21T12:00:00Z");

Backup backup_at(const std::string& time, State state = State::complete) {
  Backup backup;
  backup.time = *parse_utc(time);
  backup.id = make_id(backup.time);
  backup.state = state;
  if (state == State::complete || state == State::incomplete) {
    backup.manifest.emplace();
    backup.manifest->targets.push_back({"facts", "sqlite", "", "", {}, 0, {}});
  }
  return backup;
}

/// One a day at noon, the last one today.
std::vector<Backup> daily(int days) {
  std::vector<Backup> backups;
  for (int age = days - 1; age >= 0; --age)
    backups.push_back(backup_at(format_utc(kNow - age * 24h)));
  return backups;
}

/// `+` for what is kept, `-` for what goes.
std::string decided(const std::vector<Backup>& backups, const Policy& policy) {
  std::string kept;
  for (const Decision& decision : decide(backups, policy, kNow)) kept += decision.keep ? '+' : '-';
  return kept;
}

}  // namespace

TEST_CASE("backup: a policy keeps the last ones, or those of the last days") {
  CHECK(decided(daily(5), {.last = 2}) == "---++");
  CHECK(decided(daily(5), {.days = 3}) == "--+++");
  CHECK(decided(daily(5), {.last = 1, .days = 3}) == "--+++");
  CHECK(decided(daily(3), {.last = 100}) == "+++");
}

TEST_CASE("backup: a policy keeps the newest of each day, week and month") {
  std::vector<Backup> twice;
  for (const char* const time : {"2026-11-19T01:00:00Z", "2026-11-19T02:00:00Z",
                                 "2026-11-20T01:00:00Z", "2026-11-20T02:00:00Z"}) {
    twice.push_back(backup_at(time));
  }
  CHECK(decided(twice, {.daily = 7}) == "-+-+");
  CHECK(decided(twice, {.daily = 1}) == "---+");
  // The 21st is a Saturday: its week begins on the 16th, the one before on the 9th.
  CHECK(decided(daily(14), {.weekly = 2}) == "-------+-----+");
  CHECK(decided(daily(40), {.monthly = 2}) ==
        std::string(18, '-') + "+" + std::string(20, '-') + "+");
}

TEST_CASE("backup: the newest good one of every target is kept, whatever the policy") {
  auto backups = daily(4);
  backups[0].manifest->targets.push_back({"auth", "postgresql", "", "", {}, 0, {}});
  backups[3].manifest->targets[0].error = "the disk was full";
  backups[3].state = State::incomplete;
  backups.push_back(backup_at(format_utc(kNow)));
  CHECK(decided(backups, {.last = 1}) == "+---+");
  backups[0].manifest->targets[1].error = "no connection";
  backups[0].state = State::incomplete;
  CHECK(decided(backups, {.last = 1}) == "----+");
}

TEST_CASE("backup: never after a failed backup: no complete one goes then") {
  const auto after = [](State state) {
    auto backups = daily(4);
    backups[1].state = State::incomplete;
    backups.push_back(backup_at(format_utc(kNow + 1h), state));
    return backups;
  };
  auto failed = after(State::incomplete);
  CHECK(decided(failed, {.last = 1}) == "+-+++");
  CHECK(newest_that_failed(failed) == &failed[4]);
  CHECK(decide(failed, {.last = 1}, kNow)[0].why == "the newest backup has failed");
  CHECK(decided(after(State::damaged), {.last = 1}) == "+-+++");
  auto died = after(State::partial);
  CHECK(decided(died, {.last = 1}) == "+-+++");
  CHECK(newest_that_failed(died) == &died[4]);
  died[4].under_way = true;
  CHECK(decided(died, {.last = 1}) == "---++");
  CHECK(newest_that_failed(died) == nullptr);
  died[4].under_way = false;
  died[4].being_removed = true;
  CHECK(decided(died, {.last = 1}) == "---++");
  failed[4].manifest->before_restore_of = "20261101T000000Z-0000";
  CHECK(decided(failed, {.last = 1}) == "---++");
  CHECK(newest_that_failed({}) == nullptr);
}

TEST_CASE("backup: what was found bad is not the newest good one of its targets") {
  const auto backups = daily(3);
  const auto decided_after = [&](const std::vector<std::pair<std::size_t, Outcome>>& seen) {
    std::vector<KeptProof> proofs;
    for (const auto& [i, outcome] : seen) {
      proofs.push_back({ProofKind::verify, kNow, backups[i].id, outcome, ""});
    }
    std::string kept;
    for (const Decision& decision : decide(backups, {.last = 1}, kNow, proofs)) {
      kept += decision.keep ? '+' : '-';
    }
    return kept;
  };
  CHECK(decided_after({}) == "--+");
  CHECK(decided_after({{2, Outcome::bad}}) == "-++");
  CHECK(decided_after({{2, Outcome::bad}, {1, Outcome::bad}}) == "+-+");
  CHECK(decided_after({{2, Outcome::bad}, {2, Outcome::good}}) == "--+");
  CHECK(decided_after({{2, Outcome::good}, {2, Outcome::bad}}) == "-++");
  CHECK(decided_after({{2, Outcome::bad}, {2, Outcome::partial}}) == "-++");
}

namespace {

/// Five copies of a cluster: the second shares a pack with the first, the third and the fourth one
/// with the second, and the last has its own. `seen`: what verify said of which.
std::string decided_of_copies(const std::vector<std::pair<std::size_t, Outcome>>& seen,
                              std::size_t count, ProofKind kind = ProofKind::verify) {
  auto backups = daily(5);
  const std::vector<std::vector<std::string>> packs{{"a"}, {"a", "b"}, {"b"}, {"b", "c"}, {"d"}};
  for (std::size_t i = 0; i < backups.size(); ++i) {
    auto& physical = backups[i].manifest->targets[0].content.physical.emplace();
    for (const std::string& id : packs[i]) physical.packs.push_back({id, 1, "", ""});
  }
  backups.resize(count);
  std::vector<KeptProof> proofs;
  for (const auto& [i, outcome] : seen) {
    proofs.push_back({kind, kNow, backups[i].id, outcome, ""});
  }
  std::string kept;
  for (const Decision& decision : decide(backups, {.last = 1}, kNow, proofs)) {
    kept += decision.keep ? '+' : '-';
  }
  return kept;
}

}  // namespace

TEST_CASE("backup: a copy with packs of one that verify found bad is not the newest good one") {
  using Seen = std::vector<std::pair<std::size_t, Outcome>>;
  const Seen none, second_bad{{1, Outcome::bad}};
  CHECK(decided_of_copies(none, 4) == "---+");
  CHECK(decided_of_copies(second_bad, 4) == "++++");
  CHECK(decided_of_copies({{1, Outcome::bad}, {0, Outcome::partial}}, 4) == "++++");
  // Those that are good by their own reports are no longer in doubt.
  CHECK(decided_of_copies({{0, Outcome::good}, {1, Outcome::bad}}, 4) == "++++");
  CHECK(decided_of_copies({{3, Outcome::good}, {1, Outcome::bad}}, 4) == "-+-+");
  CHECK(decided_of_copies({{1, Outcome::bad}, {1, Outcome::good}}, 4) == "---+");
  // Nor are those whose packs were read since with another.
  CHECK(decided_of_copies({{1, Outcome::bad}, {2, Outcome::good}}, 4) == "-+-+");
  // All have been looked at: what is bad need not tell any more.
  CHECK(decided_of_copies(
            {{0, Outcome::good}, {1, Outcome::bad}, {2, Outcome::good}, {3, Outcome::bad}}, 4) ==
        "--++");
  // What has been stored anew takes their place.
  CHECK(decided_of_copies(second_bad, 5) == "-+--+");
  // What a restore test finds may be so in the database.
  CHECK(decided_of_copies(second_bad, 4, ProofKind::restore_test) == "---+");
}

TEST_CASE("backup: what is pinned, damaged or may be under way is kept, a dead one goes") {
  auto backups = daily(3);
  backups[0].pinned = true;
  backups.push_back(backup_at(format_utc(kNow - 25h), State::partial));
  backups.push_back(backup_at(format_utc(kNow - 1h), State::partial));
  backups.insert(backups.begin() + 1, backup_at(format_utc(kNow - 24h), State::damaged));
  backups.push_back(backup_at(format_utc(kNow)));
  CHECK(decided(backups, {.last = 1}) == "++---++");
}

TEST_CASE("backup: a safety copy is kept for a week and displaces no other") {
  auto backups = daily(9);
  for (const std::size_t i : {std::size_t{1}, std::size_t{8}}) {
    backups[i].manifest->before_restore_of = "20261101T000000Z-0000";
  }
  CHECK(decided(backups, {.last = 2}) == "------+++");
  const auto decisions = decide(backups, {.last = 2}, kNow);
  CHECK_FALSE(decisions[1].keep);
  CHECK(decisions[8].why == "a safety copy");
  CHECK(decisions[7].keep);
  CHECK(decisions[6].keep);
  CHECK_FALSE(decisions[5].keep);
}

TEST_CASE("backup: a backup of the future, by a clock that went backwards, is one like others") {
  auto backups = daily(3);
  backups.push_back(backup_at(format_utc(kNow + 100h)));
  CHECK(decided(backups, {.last = 2}) == "--++");
}

TEST_CASE("backup: a policy that keeps nothing is none") {
  const auto none = test::thrown_by([] { decide(daily(2), {}, kNow); });
  CHECK(none.code == ErrorCode::usage);
  CHECK(test::thrown_by([] { decide(daily(2), {.last = 0, .days = 0}, kNow); }).code ==
        ErrorCode::usage);
}

}  // namespace prism::backup
