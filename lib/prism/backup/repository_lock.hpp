#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include <prism/base/context.hpp>
#include <prism/repository/repository.hpp>

namespace prism::backup {

/// Keeps other runs away from a repository that has no locks of its own: an object that says who
/// holds it and until when, made anew each minute for as long as the run takes. What a dead process
/// of this machine left is removed at once, that of another machine when its time is over.
class PRISM_API RepositoryLock {
 public:
  /// Waits at most `wait` for another owner, then throws Error(locked) that names that owner.
  RepositoryLock(repository::Repository& repository, std::string_view purpose,
                 std::chrono::seconds wait, Context& context);
  ~RepositoryLock();
  RepositoryLock(const RepositoryLock&) = delete;
  RepositoryLock& operator=(const RepositoryLock&) = delete;

 private:
  std::string try_take();
  std::string write_object();
  void keep();

  repository::Repository& repository_;
  std::string purpose_;
  Log& log_;
  std::string id_;
  std::string object_;
  std::size_t renewals_ = 0;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  std::thread keeper_;
};

}  // namespace prism::backup
