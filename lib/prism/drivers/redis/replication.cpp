#include <algorithm>
#include <charconv>
#include <cstring>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/redis/replication.hpp>
#include <prism/drivers/redis/trouble.hpp>

namespace prism::redis {
namespace {

/// Whom a replica waits for by default too (repl-timeout).
constexpr std::chrono::milliseconds kPatience{60'000};

constexpr const char* kRights = "ACL SETUSER name +psync +replconf gives both rights";

bool begins(std::string_view line, std::string_view text) { return line.starts_with(text); }

}  // namespace

Replication::Replication(Connection connection, std::chrono::milliseconds timeout)
    : connection_(std::move(connection)), timeout_(std::max(timeout, kPatience)) {
  set_option("capa", "eof");
  set_option("rdb-only", "1");  // Redis 7.0; others go on with commands, which nobody reads
  begin();
}

void Replication::set_option(std::string_view name, std::string_view value) {
  const auto reply = connection_.ask({"REPLCONF", name, value});
  if (reply->error_name() == "NOPERM") refuse_rights(true);
}

/// No transfer begins at an offset that is no number, but the right is looked at first.
void Replication::refuse_rights(bool replconf) {
  const bool psync = !replconf || connection_.ask({"PSYNC", "?", "none"})->error_name() == "NOPERM";
  const std::string missing = replconf && psync ? "+replconf and +psync"
                              : psync           ? "+psync"
                                                : "+replconf";
  throw Error(ErrorCode::permission,
              connection_.where() + ": the user lacks the rights " + missing +
                  ", without which the server sends no dump (NOPERM)",
              kRights);
}

void Replication::begin() {
  try {
    read_header(ask_for_rdb());
  } catch (const Error& e) {
    if (e.code() != ErrorCode::unavailable || !e.hint().empty()) throw;
    throw Error(e.code(), std::string(e.what()) + ", before it sent its RDB",
                "its log says why it can't save: memory for a fork, or the disk");
  }
}

/// The line that tells of the RDB.
std::string Replication::ask_for_rdb() {
  connection_.send("*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n");
  std::string line = read_line();
  if (begins(line, "-ERR unknown command")) {
    connection_.send("*1\r\n$4\r\nSYNC\r\n");
    line = read_line();
  }
  if (begins(line, "+FULLRESYNC")) line = read_line();
  if (begins(line, "-")) refuse(line.substr(1));
  return line;
}

void Replication::refuse(std::string_view error) {
  if (begins(error, "NOPERM")) refuse_rights(false);
  if (begins(error, "NOMASTERLINK")) {
    throw Error(ErrorCode::unavailable,
                connection_.where() + ": is a replica without its primary (NOMASTERLINK)",
                "name the primary, or try again once the two are connected");
  }
  if (begins(error, "ERR unknown command")) {
    throw Error(ErrorCode::configuration,
                connection_.where() + ": knows neither PSYNC nor SYNC, by which a dump is had",
                "they may have been renamed there (rename-command)");
  }
  throw trouble(error, connection_.where());
}

void Replication::fail(const std::string& what) const {
  throw Error(ErrorCode::unavailable, connection_.where() + ": " + what);
}

void Replication::read_header(std::string_view line) {
  constexpr std::string_view kUntilMark = "$EOF:";
  if (begins(line, kUntilMark) && line.size() == kUntilMark.size() + kMark) {
    mark_ = line.substr(kUntilMark.size());
    return;
  }
  std::uint64_t length = 0;
  const char* const end = line.data() + line.size();
  if (!begins(line, "$") || line.size() < 2 ||
      std::from_chars(line.data() + 1, end, length).ptr != end) {
    fail("an RDB was expected, found " + in_quotes(line));
  }
  left_ = length;
}

/// Without the line's end; empty ones say that the server is at work.
std::string Replication::read_line() {
  constexpr std::size_t kLongest = 1024;
  std::string line;
  char byte = 0;
  while (line.size() < kLongest) {
    if (receive({&byte, 1}) == 0) continue;
    if (byte == '\n' && !line.empty()) return line;
    if (byte != '\n' && byte != '\r') line += byte;
  }
  fail("no line came to its end: " + in_quotes(line));
}

std::size_t Replication::receive(std::span<char> into) {
  // What is asked for in small pieces is had in large ones.
  if (held_at_ == held_end_ && into.size() < held_.size()) {
    held_at_ = held_end_ = 0;
    while ((held_end_ = connection_.socket().read_some(held_)) == 0) {
      connection_.socket().wait({}, -1, timeout_);
    }
  }
  if (held_at_ < held_end_) {
    const std::size_t size = std::min(into.size(), held_end_ - held_at_);
    std::memcpy(into.data(), held_.data() + held_at_, size);
    held_at_ += size;
    return size;
  }
  for (;;) {
    if (const std::size_t got = connection_.socket().read_some(into); got > 0) return got;
    connection_.socket().wait({}, -1, timeout_);
  }
}

std::size_t Replication::read(std::span<char> into) {
  if (!left_) return receive(into);
  if (*left_ == 0) return 0;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), *left_));
  const std::size_t got = receive(into.first(wanted));
  *left_ -= got;
  return got;
}

void Replication::require_end(std::string_view rest) {
  if (left_) {
    if (!rest.empty() || *left_ != 0) fail("its RDB is shorter than it said");
    return;
  }
  std::string found(rest.substr(0, kMark));
  char byte = 0;
  while (found.size() < kMark) {
    receive({&byte, 1});
    found += byte;
  }
  if (found != mark_) fail("its RDB does not end with the mark that it told");
}

}  // namespace prism::redis
