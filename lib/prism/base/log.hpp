#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism {

enum class LogLevel { debug, info, warning, error, off };
enum class LogFormat { text, json };

struct LogOptions {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  std::filesystem::path file = {};  ///< empty: standard error
  bool terminal = false;            ///< standard error is one: lines overwrite a progress bar
  bool colour = false;              ///< only for text on a terminal
  std::string run = {};  ///< which run of the program it is, told in JSON; empty: not told
  /// Set by a signal handler: before the next line the file is opened anew by its name, for
  /// something has renamed it. Must outlive the log; null: never.
  std::atomic<bool>* reopen = nullptr;
};

/// The log of one run. Lines go to standard error or to a file, never to standard output. May be
/// used by several threads.
class PRISM_API Log {
 public:
  /// Throws Error when the file can't be opened.
  explicit Log(const LogOptions& options = {});
  ~Log();
  Log(Log&&) noexcept;
  Log& operator=(Log&&) noexcept;

  void debug(std::string_view message);
  void info(std::string_view message);
  void warning(std::string_view message);
  void error(std::string_view message);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace prism
