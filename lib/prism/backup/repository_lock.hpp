#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <prism/backup/run_owner.hpp>
#include <prism/base/context.hpp>
#include <prism/repository/repository.hpp>

namespace prism::backup {

struct LockTimes {
  std::chrono::milliseconds renewal = std::chrono::seconds(60);
  std::chrono::milliseconds life = std::chrono::seconds(300);  ///< of what isn't renewed
  /// How long another that is only just beginning is waited for: one of them gets the lock.
  std::chrono::milliseconds contention = std::chrono::seconds(10);
};

/// Keeps other runs away from a repository that has no locks of its own: objects
/// `locks/<id>.<number>` that say who holds it and until when, a new one each minute for as long as
/// the run takes. Number 0 is that of a candidate, which withdraws before one of a lower id and
/// before an owner; the others are the owner's. The last two are there at any time, so that no
/// listing misses both. What a dead process has left is removed at once where it is known to be
/// dead, else when its time is over.
class PRISM_API RepositoryLock {
 public:
  /// Waits at most `wait` for another owner, then throws Error(locked) that names that owner.
  RepositoryLock(repository::Repository& repository, std::string_view purpose,
                 std::chrono::seconds wait, Context& context, LockTimes times = {});
  ~RepositoryLock();
  RepositoryLock(const RepositoryLock&) = delete;
  RepositoryLock& operator=(const RepositoryLock&) = delete;

  /// Does what the lock is for. When the lock is lost meanwhile (it could not be renewed in time,
  /// or somebody has removed it), the context that `work` is given is cancelled, and what is thrown
  /// is Error(locked) that says so, whatever the work ended in.
  void guard(const std::function<void(Context&)>& work);

  /// Looks into the repository, now: up to a minute may pass until guard() does. Throws
  /// Error(locked) where the lock is not there any more.
  void require_held() const;

  /// Is cancelled then, too; it must be there for as long as guard() works.
  void cancels(Cancel& part);

 private:
  using BootClock = std::chrono::nanoseconds;  ///< since the machine was started

  std::string try_take();
  std::string withdraw(std::string why);
  void write_object();
  void keep();
  void renew();
  void lose(const std::string& why);

  repository::Repository& repository_;
  RunOwner owner_;
  Context& context_;
  LockTimes times_;
  Cancel cancel_;
  const std::string id_;
  std::size_t number_ = 0;
  std::deque<std::string> objects_;  ///< of ours, that are there
  BootClock valid_until_{};
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  std::string lost_;  ///< why; empty: it isn't
  std::vector<Cancel*> parts_;
  std::thread keeper_;
};

/// Who holds locks, or is about to, and is not known to be dead.
PRISM_API std::vector<RunOwner> live_owners(repository::Repository& repository);

}  // namespace prism::backup
