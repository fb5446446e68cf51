#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <prism/base/access.hpp>
#include <prism/base/context.hpp>
#include <prism/cache/sink.hpp>
#include <prism/config/settings.hpp>
#include <prism/config/targets.hpp>
#include <prism/drivers/drivers.hpp>
#include <prism/store/store.hpp>

#include "console/output.hpp"

namespace prismctl {

/// The flags that stand for every command and are no settings.
struct Globals {
  bool json = false;
  bool quiet = false;
  bool no_progress = false;
  std::string config_file;
  std::string env_file;
  std::map<prism::config::Setting, std::string> settings;
};

/// All that a command needs: made once the command line is parsed.
class Session {
 public:
  /// `reopen_log` is set by a signal handler, see LogOptions.
  Session(const Globals& globals, const prism::Cancel& cancel, std::atomic<bool>& reopen_log);

  const prism::config::Sources& sources() const { return sources_; }
  /// The same in log lines, in the audit line and for healthcheck.url.
  const std::string& run_id() const { return run_id_; }
  const prism::config::Settings& settings() const { return settings_; }
  Output& output() { return output_; }
  /// The databases of the system that is looked after.
  std::vector<prism::config::Target> targets() const { return find_targets(sources_); }
  prism::Log& log() { return log_; }
  const prism::Cancel& cancel() const { return cancel_; }
  prism::Context context() { return {log_, cancel_, *progress_}; }
  std::chrono::seconds lock_wait() const;

  std::unique_ptr<prism::store::FactStore> open_store(prism::Access access,
                                                      std::optional<prism::LoadVia> via = {});
  std::unique_ptr<prism::repository::Repository> open_repository();
  /// Words on each variable that names a part of it that is no target.
  std::vector<std::string> others() const { return find_others(sources_); }
  /// What is backed up, in its order: the targets, the fact store as `facts`, and the cache as
  /// `cache` where it is in Redis, unless they are targets already.
  std::vector<prism::config::Target> backup_targets() const;
  /// The cache's URL, empty where there is none.
  std::string cache_url() const;
  /// Null where there is no cache.
  std::unique_ptr<prism::cache::CacheSink> open_cache(prism::Access access, bool swap = false);

  /// The audit line names it: a store, a file.
  void touch(std::string what);
  const std::vector<std::string>& touched() const { return touched_; }
  /// For what only shows something, of a command that else changes something: no audit line.
  void forgo_audit() { audited_ = false; }
  bool audited() const { return audited_; }

 private:
  prism::drivers::OpenOptions open_options(const std::string& url, prism::Access access) const;

  std::string run_id_;
  prism::config::Sources sources_;
  prism::config::Settings settings_;
  Output output_;
  prism::Log log_;
  const prism::Cancel& cancel_;
  std::unique_ptr<prism::Progress> progress_;
  std::mutex mutex_;  ///< of what was touched: targets are opened side by side
  std::vector<std::string> touched_;
  bool audited_ = true;
};

}  // namespace prismctl
