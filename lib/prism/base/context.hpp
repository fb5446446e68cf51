#pragma once

#include <cstdint>
#include <string_view>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>

namespace prism {

/// Told how far an operation has come; shows it or not. Called often (once a batch), by one thread.
class Progress {
 public:
  virtual ~Progress() = default;
  /// `total` is 0 where it isn't known. `unit` is a plural, such as `facts`.
  virtual void begin(std::string_view what, std::uint64_t total, std::string_view unit) = 0;
  virtual void advance(std::uint64_t count) = 0;
  /// Words on what it is made of, beside the count; they replace the last ones.
  virtual void detail(std::string_view) {}
  virtual void end() = 0;
};

class NoProgress : public Progress {
 public:
  void begin(std::string_view, std::uint64_t, std::string_view) override {}
  void advance(std::uint64_t) override {}
  void end() override {}
};

/// What every long operation needs from the one who calls it.
struct Context {
  Log& log;
  const Cancel& cancel;
  Progress& progress;
};

}  // namespace prism
