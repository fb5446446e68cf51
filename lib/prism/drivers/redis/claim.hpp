#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <span>
#include <string>
#include <thread>

#include <prism/cache/sink.hpp>
#include <prism/drivers/redis/deployment.hpp>

namespace prism::redis {

/// A cache's rebuild, taken by us: told in rlc:cache:meta, and kept alive there by a thread.
/// Another rebuild that lives is waited for. One whose connections are gone, or whose beat has
/// stood still for 10 s, is taken for dead: what is left of its connections is closed where the ACL
/// allows that.
class Claim {
 public:
  /// Throws Error(locked) when another one still lives after `lock_wait`.
  Claim(Deployment& servers, std::span<const cache::Family> families,
        std::chrono::milliseconds lock_wait, Log& log, const Cancel& cancel);
  /// Gives the cache back; what was not finished stays told.
  ~Claim();
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

  /// The name that our connections bear.
  const std::string& name() const { return token_; }

  /// Throws Error(locked) once another rebuild has taken over. Costs nothing.
  void check() const {
    if (lost_) raise();
  }
  /// The same, by asking the server; where it can't be asked, nothing happens.
  void check_now();

  /// Records `meta` and ends the claim, all at once.
  void finish(const cache::Meta& meta);

 private:
  [[noreturn]] static void raise();
  void take();
  bool try_take();
  void keep() noexcept;
  void beat(Deployment& servers);
  void stop();

  Deployment& servers_;
  std::vector<cache::Family> families_;
  std::chrono::milliseconds lock_wait_;
  Log& log_;
  const Cancel& cancel_;
  std::string token_;
  std::atomic<bool> lost_{false};
  bool held_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread keeper_;
};

}  // namespace prism::redis
