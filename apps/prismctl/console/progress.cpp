#include "console/progress.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include <prism/base/text.hpp>

#include "console/style.hpp"

namespace prismctl {
namespace {

using Clock = std::chrono::steady_clock;

/// Counts, and tells how fast and how far.
class Counter {
 public:
  void begin(std::string_view what, std::uint64_t total, std::string_view unit) {
    what_ = what;
    unit_ = unit;
    total_ = total;
    done_ = 0;
    detail_.clear();
    started_ = Clock::now();
  }
  void advance(std::uint64_t count) { done_ += count; }
  void detail(std::string_view words) { detail_ = words; }
  double share() const {
    return total_ == 0 ? 0
                       : std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
  }
  bool has_total() const { return total_ > 0; }
  const std::string& what() const { return what_; }

  /// `120,000 of 1,000,000 facts, 480,000/s, 2 s left`
  std::string text() const {
    const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
    const double rate = seconds > 0 ? static_cast<double>(done_) / seconds : 0;
    std::string text = amount(done_);
    if (has_total()) text += " of " + amount(total_);
    text += fmt::format("{}, {}/s", unit_ == kBytes ? "" : " " + unit_,
                        amount(static_cast<std::uint64_t>(rate)));
    if (has_total() && rate > 0 && done_ < total_) {
      text += ", " + prism::format_seconds(static_cast<double>(total_ - done_) / rate) + " left";
    }
    return detail_.empty() ? text : text + " (" + detail_ + ")";
  }

 private:
  static constexpr std::string_view kBytes = "bytes";

  std::string amount(std::uint64_t count) const {
    return unit_ == kBytes ? prism::format_bytes(count) : prism::with_separators(count);
  }

  std::string what_;
  std::string unit_;
  std::string detail_;
  std::uint64_t total_ = 0;
  std::uint64_t done_ = 0;
  Clock::time_point started_;
};

class Bar : public prism::Progress {
 public:
  void begin(std::string_view what, std::uint64_t total, std::string_view unit) override {
    counter_.begin(what, total, unit);
    drawn_ = Clock::now();
    visible_ = false;
  }

  void advance(std::uint64_t count) override {
    counter_.advance(count);
    constexpr std::chrono::milliseconds kRedraw{100};
    if (Clock::now() - drawn_ < kRedraw) return;
    drawn_ = Clock::now();
    draw();
  }

  void detail(std::string_view words) override { counter_.detail(words); }

  void end() override {
    if (visible_) write("\r\033[K");
    visible_ = false;
  }

 private:
  void draw() {
    constexpr int kWidth = 24;
    std::string line = "\r\033[K" + counter_.what() + " ";
    if (counter_.has_total()) {
      const int filled = static_cast<int>(counter_.share() * kWidth);
      line += fmt::format("[{:#<{}}{:.<{}}] ", "", filled, "", kWidth - filled);
    }
    write(line + counter_.text());
    visible_ = true;
  }

  static void write(std::string_view text) {
    // A progress bar that can't be shown is no reason to stop.
    (void)!::write(STDERR_FILENO, text.data(), text.size());
  }

  Counter counter_;
  Clock::time_point drawn_;
  bool visible_ = false;
};

class LogLines : public prism::Progress {
 public:
  explicit LogLines(prism::Log& log) : log_(log) {}

  void begin(std::string_view what, std::uint64_t total, std::string_view unit) override {
    counter_.begin(what, total, unit);
    told_ = Clock::now();
  }

  void advance(std::uint64_t count) override {
    counter_.advance(count);
    constexpr std::chrono::seconds kInterval{30};
    if (Clock::now() - told_ < kInterval) return;
    told_ = Clock::now();
    log_.info(counter_.what() + ": " + counter_.text());
  }

  void detail(std::string_view words) override { counter_.detail(words); }

  void end() override {}

 private:
  prism::Log& log_;
  Counter counter_;
  Clock::time_point told_;
};

}  // namespace

std::unique_ptr<prism::Progress> make_progress(prism::Log& log, bool wanted) {
  if (!wanted) return std::make_unique<prism::NoProgress>();
  if (is_terminal(STDERR_FILENO)) return std::make_unique<Bar>();
  return std::make_unique<LogLines>(log);
}

}  // namespace prismctl
