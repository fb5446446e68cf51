#include <mutex>

#include <nlohmann/json.hpp>
#include <spdlog/details/file_helper.h>
#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/log.hpp>

namespace prism {
namespace {

constexpr spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      break;
  }
  return spdlog::level::off;
}

/// `prismctl: warning: message` for a person, with the time in front for a file.
class TextFormatter : public spdlog::formatter {
 public:
  TextFormatter(bool with_time, bool terminal, bool colour)
      : with_time_(with_time), terminal_(terminal), colour_(colour) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    std::string line = terminal_ ? "\r\033[K" : "";
    if (with_time_) line += format_utc(message.time) + ' ';
    line += "prismctl: ";
    line += label(message.level);
    line.append(message.payload.data(), message.payload.size());
    line += '\n';
    out.append(line.data(), line.data() + line.size());
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<TextFormatter>(with_time_, terminal_, colour_);
  }

 private:
  std::string_view label(spdlog::level::level_enum level) const {
    switch (level) {
      case spdlog::level::debug:
        return "debug: ";
      case spdlog::level::warn:
        return colour_ ? "\033[33mwarning:\033[0m " : "warning: ";
      case spdlog::level::err:
        return colour_ ? "\033[31merror:\033[0m " : "error: ";
      default:
        return "";
    }
  }

  bool with_time_;
  bool terminal_;
  bool colour_;
};

/// One JSON object a line: time, level, run, message.
class JsonFormatter : public spdlog::formatter {
 public:
  explicit JsonFormatter(std::string run) : run_(std::move(run)) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto level = spdlog::level::to_string_view(message.level);
    nlohmann::ordered_json object{{"time", format_utc(message.time)},
                                  {"level", std::string(level.data(), level.size())}};
    if (!run_.empty()) object["run"] = run_;
    object["message"] = std::string(message.payload.data(), message.payload.size());
    const std::string line =
        object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
    out.append(line.data(), line.data() + line.size());
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>(run_);
  }

 private:
  std::string run_;
};

/// A file that is opened anew when that is asked for. Where it can't be, the old one goes on.
class FileSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  FileSink(std::string name, std::atomic<bool>* reopen)
      : name_(std::move(name)), reopen_(reopen), file_(open()) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (reopen_ != nullptr && reopen_->exchange(false)) open_anew();
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    file_->write(line);
  }

  void flush_() override { file_->flush(); }

 private:
  using File = spdlog::details::file_helper;

  std::unique_ptr<File> open() const {
    auto file = std::make_unique<File>();
    file->open(name_);
    return file;
  }

  void open_anew() {
    try {
      file_ = open();
    } catch (const spdlog::spdlog_ex&) {
      reopen_->store(true);
    }
  }

  std::string name_;
  std::atomic<bool>* reopen_;
  std::unique_ptr<File> file_;
};

std::shared_ptr<spdlog::sinks::sink> make_sink(const LogOptions& options) {
  if (options.file.empty()) return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  try {
    return std::make_shared<FileSink>(options.file.string(), options.reopen);
  } catch (const spdlog::spdlog_ex& e) {
    throw Error(ErrorCode::io, std::string("log file can't be opened: ") + e.what(),
                "check --log-file");
  }
}

std::unique_ptr<spdlog::formatter> make_formatter(const LogOptions& options) {
  if (options.format == LogFormat::json) return std::make_unique<JsonFormatter>(options.run);
  return std::make_unique<TextFormatter>(!options.file.empty(), options.terminal, options.colour);
}

}  // namespace

struct Log::Impl {
  explicit Impl(const LogOptions& options) : logger("prism", make_sink(options)) {
    logger.set_level(spdlog_level(options.level));
    logger.set_formatter(make_formatter(options));
    // Whoever follows a long run sees each line, and none is lost where it is killed.
    logger.flush_on(spdlog::level::trace);
  }
  spdlog::logger logger;
};

Log::Log(const LogOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Log::~Log() = default;
Log::Log(Log&&) noexcept = default;
Log& Log::operator=(Log&&) noexcept = default;

void Log::debug(std::string_view message) { impl_->logger.debug(message); }
void Log::info(std::string_view message) { impl_->logger.info(message); }
void Log::warning(std::string_view message) { impl_->logger.warn(message); }
void Log::error(std::string_view message) { impl_->logger.error(message); }

}  // namespace prism
