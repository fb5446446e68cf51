#include <algorithm>
#include <array>
#include <exception>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include <prism/base/text.hpp>
#include <prism/drivers/postgres/tool_run.hpp>

namespace prism::postgres {
namespace {

constexpr std::size_t kBlock = 256 * 1024;

/// Feeds a tool on a thread of its own, until all is read or it reads no more.
class Feeder {
 public:
  Feeder(ChildProcess& tool, ByteSource& source)
      : tool_(tool), source_(source), thread_([this] { feed(); }) {}

  /// The thread may wait for a tool that waits for us.
  ~Feeder() {
    if (!thread_.joinable()) return;
    tool_.kill();
    thread_.join();
  }

  void finish() {
    thread_.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void feed() noexcept {
    try {
      std::vector<char> block(kBlock);
      while (const std::size_t size = source_.read(block)) {
        if (!tool_.write({block.data(), size})) break;
      }
    } catch (...) {
      failure_ = std::current_exception();
      tool_.kill();
    }
    tool_.close_input();
  }

  ChildProcess& tool_;
  ByteSource& source_;
  std::exception_ptr failure_;
  std::thread thread_;
};

void read_all(ChildProcess& tool, const TakeBytes& take) {
  std::vector<char> block(kBlock);
  while (const std::size_t size = tool.read(block)) take({block.data(), size});
}

struct Sign {
  std::string_view words;
  ErrorCode code;
  std::string_view hint;
};

/// The first that is found counts.
constexpr std::array kSigns{
    Sign{"unsupported version", ErrorCode::configuration, "install a newer postgresql-client"},
    Sign{"not supported in this build", ErrorCode::configuration,
         "install the postgresql-client of a distribution"},
    Sign{"password authentication failed", ErrorCode::permission, "check the user and password"},
    Sign{"no password supplied", ErrorCode::permission, "check the user and password"},
    Sign{"row-level security", ErrorCode::permission,
         "a user with BYPASSRLS, or the owner of the tables, sees all rows"},
    Sign{"permission denied", ErrorCode::permission, "the database user lacks a right; see GRANT"},
    Sign{"must be owner of", ErrorCode::permission, "the database user is not the owner"},
    Sign{"must be member of role", ErrorCode::permission, "--no-owner gives all to the user"},
    Sign{"must be able to SET ROLE", ErrorCode::permission, "--no-owner gives all to the user"},
    Sign{"must be superuser", ErrorCode::permission, ""},
    Sign{"No space left on device", ErrorCode::io, "the disk is full"},
    Sign{"out of shared memory", ErrorCode::unavailable,
         "raise max_locks_per_transaction of the server"},
    Sign{"server closed the connection", ErrorCode::unavailable, "the server went away; try again"},
    Sign{"terminating connection", ErrorCode::unavailable, "the server went away; try again"},
    Sign{"no connection to the server", ErrorCode::unavailable, "the server went away; try again"},
    Sign{"SSL connection has been closed", ErrorCode::unavailable,
         "the connection was lost; try again"},
    Sign{"SSL SYSCALL error", ErrorCode::unavailable, "the connection was lost; try again"},
    Sign{"could not receive data", ErrorCode::unavailable, "the connection was lost; try again"},
    Sign{"could not send data", ErrorCode::unavailable, "the connection was lost; try again"},
    Sign{"connection to server", ErrorCode::unavailable, "check that the server runs"},
    Sign{"could not connect", ErrorCode::unavailable, "check that the server runs"},
    Sign{"shutting down", ErrorCode::unavailable, "the server is being stopped; try again"},
};

/// Without the program's own name before it, which is said once.
std::string_view without_name(std::string_view line, const std::string& name) {
  if (line.starts_with(name + ": ")) line.remove_prefix(name.size() + 2);
  for (const std::string_view label : {"error: ", "detail: ", "hint: "}) {
    if (line.starts_with(label)) return trimmed(line.substr(label.size()));
  }
  return trimmed(line);
}

/// Statements hold what is in the database, and say little to an operator.
bool is_quoted_statement(std::string_view line) {
  return line.starts_with("Command was:") || line.starts_with("detail: Command was:") ||
         line.starts_with("LINE ") || line.starts_with("STATEMENT:");
}

std::string first_error(const std::string& name, std::string_view words) {
  constexpr std::size_t kMost = 400;
  const std::size_t error = words.find("error: ");
  if (error != std::string_view::npos) words.remove_prefix(error);
  std::string said;
  while (!words.empty() && said.size() < kMost) {
    const std::size_t end = std::min(words.size(), words.find('\n'));
    const std::string_view line = without_name(words.substr(0, end), name);
    if (is_quoted_statement(line)) break;
    if (!line.empty()) said += (said.empty() ? "" : "; ") + std::string(line);
    words.remove_prefix(std::min(words.size(), end + 1));
  }
  return said.substr(0, kMost);
}

}  // namespace

Command command_of(const Tool& tool, const ToolAddress& address,
                   std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {address.argument, "--no-password"});
  return {tool.program, std::move(arguments), address.environment};
}

Error tool_failure(const std::string& name, int code, const std::string& words) {
  std::string said = first_error(name, words);
  if (said.empty()) said = fmt::format("it ended with code {}, without a word", code);
  const auto sign = std::find_if(kSigns.begin(), kSigns.end(), [&](const Sign& one) {
    return words.find(one.words) != std::string::npos;
  });
  if (sign == kSigns.end()) return {ErrorCode::critical, name + ": " + said};
  return {sign->code, name + ": " + said, std::string(sign->hint)};
}

void finish(ChildProcess& tool) {
  const int code = tool.wait();
  if (code == 0) return;
  const std::string name = std::filesystem::path(tool.name()).filename().string();
  throw tool_failure(name, code, tool.errors());
}

void pipe_through(ChildProcess& tool, ByteSource& source, const TakeBytes& take) {
  Feeder feeder(tool, source);
  read_all(tool, take);
  feeder.finish();
  finish(tool);
}

std::string output_of(const Command& command, const Cancel& cancel) {
  ChildProcess tool(command, cancel);
  std::string output;
  read_all(tool, [&](std::string_view bytes) { output += bytes; });
  finish(tool);
  return output;
}

}  // namespace prism::postgres
