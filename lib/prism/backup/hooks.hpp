#pragma once

#include <string>

#include <prism/base/context.hpp>

namespace prism::backup {

/// What the operator has done before and after, such as stopping and starting a service: lines for
/// `/bin/sh -c`, over when that shell is; what it leaves running goes on. Empty: nothing.
struct Hooks {
  std::string before = {};
  std::string after = {};
};

/// What a hook finds in its environment.
struct Occasion {
  std::string operation;  ///< PRISMCTL_OPERATION: `backup`, `restore`
  std::string target;     ///< PRISMCTL_TARGET; empty: the whole set
};

/// Runs hooks around a piece of work. The one afterwards is run whatever the one before and the
/// work came to, for what was stopped has to be started again; an interruption doesn't spare it.
class PRISM_API HookRunner {
 public:
  HookRunner(Hooks hooks, Occasion occasion, Log& log)
      : hooks_(std::move(hooks)), occasion_(std::move(occasion)), log_(&log) {}

  /// Throws Error(critical) when it fails; the time counts as the work's.
  void before(const Cancel& cancel);

  /// `result` is `ok` or `failed`: PRISMCTL_RESULT. Returns why it failed; empty: it didn't. It has
  /// ten minutes.
  std::string after(const std::string& result) noexcept;

 private:
  void run(const std::string& line, const std::string& when, const std::string& result,
           const Cancel& cancel);

  Hooks hooks_;
  Occasion occasion_;
  Log* log_;
};

}  // namespace prism::backup
