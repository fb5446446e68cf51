#pragma once

#include <filesystem>

#include <prism/base/context.hpp>

namespace prism::test {

/// A Context for operations under test: logs to a file or nowhere, and can be cancelled.
class Quiet {
 public:
  Quiet() : log_({.level = LogLevel::off}) {}
  explicit Quiet(const std::filesystem::path& log_file)
      : log_({.level = LogLevel::debug, .file = log_file}) {}

  Cancel& cancel() { return cancel_; }
  Log& log() { return log_; }
  Context& context() { return context_; }

 private:
  Log log_;
  Cancel cancel_;
  NoProgress progress_;
  Context context_{log_, cancel_, progress_};
};

}  // namespace prism::test
