#include <array>
#include <cerrno>
#include <charconv>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/file_source.hpp>
#include <prism/setup/audit_reader.hpp>

namespace prism::setup {
namespace {

constexpr std::size_t kLongestLine = std::size_t{1} << 20;

/// Lines of a file, cut where they are longer than any that we write.
class Lines {
 public:
  explicit Lines(ByteSource& source) : source_(source) {}

  bool next(std::string& line) {
    line.clear();
    bool any = false;
    while (fill()) {
      any = true;
      const auto end = held_.find('\n');
      const auto size = std::min(end, held_.size());
      line.append(held_.substr(0, std::min(size, kLongestLine - line.size())));
      held_.remove_prefix(end == std::string_view::npos ? size : size + 1);
      if (end != std::string_view::npos) return true;
    }
    return any;
  }

 private:
  bool fill() {
    if (held_.empty()) held_ = {buffer_.data(), source_.read(buffer_)};
    return !held_.empty();
  }

  ByteSource& source_;
  std::array<char, 64 * 1024> buffer_{};
  std::string_view held_;
};

/// Nothing for a line that is damaged.
std::optional<AuditRecord> parse(const std::string& line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return {};
  try {
    AuditRecord record;
    record.entry.started = json.at("time");
    record.entry.command = json.at("command");
    record.entry.targets = json.value("targets", std::vector<std::string>());
    record.entry.exit_code = json.at("exit_code");
    record.entry.error = json.value("error", "");
    record.entry.seconds = json.value("seconds", 0.0);
    record.entry.run = json.value("run", "");
    record.user = json.value("user", "");
    record.host = json.value("host", "");
    record.result = json.value("result", "");
    return parse_utc(record.entry.started) ? std::optional(record) : std::nullopt;
  } catch (const nlohmann::json::exception&) {
    return {};
  }
}

std::optional<std::chrono::minutes> unit_of(char letter) {
  if (letter == 'm') return std::chrono::minutes(1);
  if (letter == 'h') return std::chrono::hours(1);
  if (letter == 'd') return std::chrono::days(1);
  return {};
}

}  // namespace

std::optional<Moment> parse_since(std::string_view text, Moment now) {
  constexpr int kMost = 1'000'000;
  if (const auto moment = parse_utc(text)) return moment;
  if (is_iso_date(text)) return parse_utc(std::string(text) + "T00:00:00Z");
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end + 1 != text.data() + text.size()) return {};
  const auto unit = unit_of(*end);
  if (!unit || count < 0 || count > kMost) return {};
  return now - count * *unit;
}

void read_audit(const std::filesystem::path& file, std::optional<Moment> since,
                const std::function<bool(const AuditRecord&)>& take, Log& log) {
  FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() && errno == ENOENT) return;
  if (!fd.valid()) throw system_error(errno, file.string());
  FileSource source(std::move(fd), file.string());
  Lines lines(source);
  std::string line;
  for (std::uint64_t number = 1; lines.next(line); ++number) {
    const auto record = parse(line);
    if (!record) {
      log.warning(fmt::format("{}: line {} is damaged, and passed over", file.string(), number));
    } else if (since && *parse_utc(record->entry.started) < *since) {
      continue;
    } else if (!take(*record)) {
      return;
    }
  }
}

}  // namespace prism::setup
