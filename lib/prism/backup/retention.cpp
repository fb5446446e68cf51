#include <algorithm>
#include <initializer_list>
#include <set>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <prism/backup/retention.hpp>
#include <prism/base/error.hpp>

namespace prism::backup {
namespace {

using Clock = std::chrono::system_clock;
using std::chrono::hours;

constexpr hours kDay{24};

void require_some(const Policy& policy) {
  for (const auto& number :
       {policy.last, policy.days, policy.daily, policy.weekly, policy.monthly}) {
    if (number.value_or(0) > 0) return;
  }
  throw Error(ErrorCode::usage, "no policy: nothing says which backups are kept",
              "--keep-last 7, --keep-days 30, --keep-daily, --keep-weekly or --keep-monthly");
}

/// Goes through the backups from the newest, and says why each is kept.
class Keeper {
 public:
  Keeper(const Policy& policy, Clock::time_point now, bool newest_failed,
         std::set<std::string> found_bad)
      : policy_(policy),
        now_(now),
        newest_failed_(newest_failed),
        found_bad_(std::move(found_bad)) {}

  /// Of one kind: dumps and copies of files don't take each other's places.
  std::string reason(const Backup& backup) {
    const std::string why = reason_of_state(backup);
    if (backup.pinned) return "pinned";
    const bool needed = newest_failed_ && backup.state == State::complete;
    return why.empty() && needed ? "the newest backup has failed" : why;
  }

 private:
  std::string reason_of_state(const Backup& backup) {
    if (backup.is_safety_copy()) return backup.time + 7 * kDay > now_ ? "a safety copy" : "";
    switch (backup.state) {
      case State::complete:
        return reason_of_complete(backup);
      case State::incomplete:
        return first_of(
            {by_target(backup), complete_ > 0 ? "" : "no complete one since", by_days(backup)});
      case State::partial:
        if (backup.under_way) return "under way";
        return backup.time + kDay > now_ ? "may be under way" : "";
      case State::damaged:
        break;
    }
    return "damaged: to be looked at";
  }

  /// All are asked, for each counts what it has met.
  std::string reason_of_complete(const Backup& backup) {
    return first_of({by_target(backup), by_last(), by_days(backup),
                     by_period(backup, "{:%Y-%m-%d}", policy_.daily, days_, "daily"),
                     by_period(backup, "{:%G-%V}", policy_.weekly, weeks_, "weekly"),
                     by_period(backup, "{:%Y-%m}", policy_.monthly, months_, "monthly")});
  }

  static std::string first_of(std::initializer_list<std::string> reasons) {
    for (const std::string& reason : reasons) {
      if (!reason.empty()) return reason;
    }
    return {};
  }

  std::string by_target(const Backup& backup) {
    std::string newest;
    if (found_bad_.contains(backup.id)) return newest;
    for (const TargetRecord& target : backup.manifest->targets) {
      if (!target.error.empty() || !targets_.insert(target.name).second) continue;
      newest = "the newest good one of " + target.name;
    }
    return newest;
  }

  std::string by_last() {
    const bool keep = complete_++ < policy_.last.value_or(0);
    return keep ? fmt::format("one of the last {}", *policy_.last) : "";
  }

  std::string by_days(const Backup& backup) const {
    if (!policy_.days) return {};
    const bool young = backup.time + kDay * static_cast<hours::rep>(*policy_.days) > now_;
    return young ? fmt::format("within {} days", *policy_.days) : "";
  }

  static std::string by_period(const Backup& backup, const char* format,
                               std::optional<std::size_t> most, std::set<std::string>& seen,
                               const char* name) {
    if (seen.size() >= most.value_or(0)) return {};
    const auto period =
        fmt::format(fmt::runtime(format), fmt::gmtime(Clock::to_time_t(backup.time)));
    return seen.insert(period).second ? name : "";
  }

  const Policy& policy_;
  Clock::time_point now_;
  bool newest_failed_;
  std::set<std::string> found_bad_;
  std::size_t complete_ = 0;  ///< that were met
  std::set<std::string> targets_, days_, weeks_, months_;
};

/// By the last look at each that saw anything.
std::set<std::string> found_bad(const std::vector<KeptProof>& proofs) {
  std::set<std::string> bad;
  for (const KeptProof& proof : proofs) {
    if (proof.outcome == Outcome::bad) bad.insert(proof.backup);
    if (proof.outcome == Outcome::good) bad.erase(proof.backup);
  }
  return bad;
}

}  // namespace

const Backup* newest_that_failed(const std::vector<Backup>& backups) {
  const auto newest = std::find_if(backups.rbegin(), backups.rend(), [](const Backup& backup) {
    return !backup.is_safety_copy() && (backup.state != State::partial || backup.has_failed());
  });
  return newest != backups.rend() && newest->has_failed() ? &*newest : nullptr;
}

std::vector<Decision> decide(const std::vector<Backup>& backups, const Policy& policy,
                             Clock::time_point now, const std::vector<KeptProof>& proofs) {
  require_some(policy);
  const bool newest_failed = newest_that_failed(backups) != nullptr;
  const auto bad = found_bad(proofs);
  Keeper dumps(policy, now, newest_failed, bad), copies(policy, now, newest_failed, bad);
  std::vector<Decision> decisions;
  for (auto backup = backups.rbegin(); backup != backups.rend(); ++backup) {
    const std::string why = (backup->is_physical() ? copies : dumps).reason(*backup);
    decisions.push_back({&*backup, !why.empty(), why});
  }
  std::reverse(decisions.begin(), decisions.end());
  return decisions;
}

}  // namespace prism::backup
