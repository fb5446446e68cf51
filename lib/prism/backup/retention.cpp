#include <algorithm>
#include <functional>
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

/// What is known of backups, by their ids.
struct Seen {
  std::set<std::string> bad;       ///< their last reports say so
  std::set<std::string> doubtful;  ///< physical: they have packs of damaged ones
  std::set<std::string> told_by;   ///< the damaged ones that these packs are known by
};

/// Goes through the backups from the newest, and says why each is kept.
class Keeper {
 public:
  Keeper(const Policy& policy, Clock::time_point now, bool newest_failed, const Seen& seen)
      : policy_(policy), now_(now), newest_failed_(newest_failed), seen_(seen) {}

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
    if (seen_.told_by.contains(backup.id)) return "others have blocks of it: verify them";
    if (seen_.bad.contains(backup.id)) return newest;
    const bool doubtful = seen_.doubtful.contains(backup.id);
    for (const TargetRecord& target : backup.manifest->targets) {
      if (!target.error.empty() || targets_.contains(target.name)) continue;
      newest = (doubtful ? "has blocks of a bad one: verify it: perhaps the newest good one of "
                         : "the newest good one of ") +
               target.name;
      if (!doubtful) targets_.insert(target.name);
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
  const Seen& seen_;
  std::size_t complete_ = 0;  ///< that were met
  std::set<std::string> targets_, days_, weeks_, months_;
};

/// By the last look at each that saw anything.
std::set<std::string> found(Outcome outcome, const std::vector<KeptProof>& proofs) {
  std::set<std::string> ids;
  for (const KeptProof& proof : proofs) {
    if (proof.outcome == Outcome::partial) continue;
    if (proof.outcome == outcome) {
      ids.insert(proof.backup);
    } else {
      ids.erase(proof.backup);
    }
  }
  return ids;
}

/// All that it has, of whatever target.
std::set<std::string> packs_of(const Backup& backup) {
  std::set<std::string> packs;
  if (!backup.manifest) return packs;
  for (const TargetRecord& target : backup.manifest->targets) {
    if (!target.content.physical) continue;
    for (const auto& pack : target.content.physical->packs) packs.insert(pack.id);
  }
  return packs;
}

std::set<std::string> packs_of_those(const std::vector<Backup>& backups,
                                     const std::set<std::string>& ids) {
  std::set<std::string> packs;
  for (const Backup& backup : backups) {
    if (ids.contains(backup.id)) packs.merge(packs_of(backup));
  }
  return packs;
}

/// A restore test that failed tells nothing of what is stored: what it found may be so in the
/// database itself, and be copied as it is.
bool tells_of_damage(const KeptProof& proof) {
  if (proof.outcome == Outcome::partial) return false;
  return proof.outcome == Outcome::good || proof.kind == ProofKind::verify;
}

/// Those of bad backups, but for what was read since with one that is good.
std::set<std::string> packs_in_doubt(const std::vector<Backup>& backups,
                                     const std::vector<KeptProof>& proofs) {
  std::set<std::string> packs;
  for (const KeptProof& proof : proofs) {
    if (!tells_of_damage(proof)) continue;
    const auto seen = packs_of_those(backups, {proof.backup});
    if (proof.outcome == Outcome::bad) {
      packs.insert(seen.begin(), seen.end());
    } else {
      std::erase_if(packs, [&](const std::string& id) { return seen.contains(id); });
    }
  }
  return packs;
}

/// Of those that may be: which have one of the packs.
std::set<std::string> those_with(const std::set<std::string>& packs,
                                 const std::vector<Backup>& backups,
                                 const std::function<bool(const std::string& id)>& may_be) {
  std::set<std::string> ids;
  for (const Backup& backup : backups) {
    const auto own = may_be(backup.id) ? packs_of(backup) : std::set<std::string>();
    const bool has_one = std::any_of(own.begin(), own.end(),
                                     [&](const std::string& id) { return packs.contains(id); });
    if (has_one) ids.insert(backup.id);
  }
  return ids;
}

Seen seen_by(const std::vector<KeptProof>& proofs, const std::vector<Backup>& backups) {
  const auto good = found(Outcome::good, proofs);
  const auto damaged = found_damaged(proofs);
  Seen seen;
  seen.bad = found(Outcome::bad, proofs);
  seen.doubtful = those_with(packs_in_doubt(backups, proofs), backups, [&](const std::string& id) {
    return !good.contains(id) && !seen.bad.contains(id);
  });
  seen.told_by = those_with(packs_of_those(backups, seen.doubtful), backups,
                            [&](const std::string& id) { return damaged.contains(id); });
  return seen;
}

}  // namespace

std::set<std::string> found_damaged(const std::vector<KeptProof>& proofs) {
  std::vector<KeptProof> telling = proofs;
  std::erase_if(telling, [](const KeptProof& proof) { return !tells_of_damage(proof); });
  return found(Outcome::bad, telling);
}

std::set<std::string> doubtful_packs(repository::Repository& repository) {
  const auto proofs = list_proofs(repository);
  if (found_damaged(proofs).empty()) return {};
  return packs_in_doubt(list_backups(repository), proofs);
}

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
  const Seen seen = seen_by(proofs, backups);
  Keeper dumps(policy, now, newest_failed, seen), copies(policy, now, newest_failed, seen);
  std::vector<Decision> decisions;
  for (auto backup = backups.rbegin(); backup != backups.rend(); ++backup) {
    const std::string why = (backup->is_physical() ? copies : dumps).reason(*backup);
    decisions.push_back({&*backup, !why.empty(), why});
  }
  std::reverse(decisions.begin(), decisions.end());
  return decisions;
}

}  // namespace prism::backup
