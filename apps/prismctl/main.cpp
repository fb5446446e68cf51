#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>

#include <sys/prctl.h>
#include <sys/resource.h>

#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/config/url.hpp>
#include <prism/setup/audit.hpp>

#include "cli.hpp"
#include "console/style.hpp"
#include "healthcheck.hpp"

namespace {

using prism::Error;
using prism::ErrorCode;
using prismctl::CommandLine;
using prismctl::Healthcheck;
using prismctl::Session;

/// What a signal handler may touch: the one place with static storage.
prism::Cancel cancel;
std::atomic<bool> reopen_log{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void request_cancel(int signal) { cancel.request(signal); }
void request_reopening(int) { reopen_log.store(true, std::memory_order_relaxed); }

/// The first SIGINT, SIGTERM or SIGHUP asks the command to end, the second ends the process: a
/// connection that is lost must not leave a service stopped, nor children of ours running. What
/// nohup(1) has set stays.
void handle_signals() {
  struct sigaction action {};
  action.sa_handler = request_cancel;
  action.sa_flags = SA_RESETHAND;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  struct sigaction hangup {};
  sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
  // These come back as errors of write(2), which are told.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

/// What logs into a file has no terminal to lose: SIGHUP says that the file was renamed.
void reopen_log_on_hangup() {
  struct sigaction action {};
  action.sa_handler = request_reopening;
  action.sa_flags = SA_RESTART;
  sigaction(SIGHUP, &action, nullptr);
}

/// Passwords lie in our memory: a core would carry them to disk, or to a collector of cores. The
/// leak sanitizer would find itself shut out.
void forbid_cores() {
#ifndef __SANITIZE_ADDRESS__
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

/// What others see of the arguments, in the list of processes. A password is better given by the
/// environment or a file, but who gives it here shall not show it for as long as the run takes.
void hide_passwords(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string shown = prism::config::without_password(argv[i]);
    if (shown == argv[i]) continue;
    const std::size_t size = std::strlen(argv[i]);
    std::memset(argv[i], '*', size);
    std::memcpy(argv[i], shown.data(), std::min(size, shown.size()));
  }
}

void write_error(const std::string& text) {
  (void)!::write(STDERR_FILENO, text.data(), text.size());
}

/// The error in the form that was asked for: this and tell() are the only places that print one.
void report(const Error& error, bool json) {
  if (json) {
    const prismctl::Json document{{"schema", 1},
                                  {"error",
                                   {{"code", static_cast<int>(error.code())},
                                    {"name", prism::error_name(error.code())},
                                    {"message", error.what()},
                                    {"hint", error.hint()}}}};
    prismctl::Output::write(document.dump(2, ' ', false, prismctl::Json::error_handler_t::replace) +
                            "\n");
    return;
  }
  const bool colour = prismctl::wants_colour(STDERR_FILENO);
  std::string text = colour ? "\r\033[K\033[31mprismctl:\033[0m " : "prismctl: ";
  text += error.what();
  if (!error.hint().empty()) text += "\nHINT: " + error.hint();
  write_error(text + "\n");
}

/// Whoever reads standard error as lines of JSON can read the last one as well.
bool logs_json_lines(const Session& session) {
  using prism::config::Setting;
  const auto& settings = session.settings();
  return settings.text(Setting::log_format) == "json" && settings.text(Setting::log_file).empty() &&
         settings.text(Setting::log_level) != "off";
}

void tell(const Error& error, bool json, Session& session) {
  if (json || !logs_json_lines(session)) {
    report(error, json);
  } else {
    session.log().error(error.what() + (error.hint().empty() ? "" : " (" + error.hint() + ")"));
  }
}

/// Turns whatever ends a command into an Error: system errors keep their meaning, the rest is a
/// bug.
Error as_error(std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const Error& e) {
    return e;
  } catch (const std::filesystem::filesystem_error& e) {
    return prism::system_error(e.code().value(), e.path1().string());
  } catch (const std::bad_alloc&) {
    return {ErrorCode::io, "out of memory"};
  } catch (const std::exception& e) {
    return {ErrorCode::internal, e.what(), "this is a bug in prismctl; please report it"};
  } catch (...) {
    return {ErrorCode::internal, "unknown exception",
            "this is a bug in prismctl; please report it"};
  }
}

/// A line in the audit file, for commands that change something. That it can't be written must not
/// undo what the command did.
void audit(const CommandLine& line, Session& session, prism::setup::AuditEntry entry) {
  const std::string& file = session.settings().text(prism::config::Setting::audit_log);
  if (!line.command().audited || !session.audited() || file.empty()) return;
  entry.command = line.path();
  entry.run = session.run_id();
  entry.targets = session.touched();
  try {
    prism::setup::append_audit(file, entry);
  } catch (const std::exception& e) {
    session.log().warning(std::string("no line in the audit file: ") + e.what());
  }
}

int run(const CommandLine& line) {
  Session session(line.globals(), cancel, reopen_log);
  if (!session.settings().text(prism::config::Setting::log_file).empty()) reopen_log_on_hangup();
  Healthcheck healthcheck(session, line.pinged() ? line.path() : "");
  const auto begin = std::chrono::system_clock::now();
  prism::setup::AuditEntry entry;
  entry.started = prism::format_utc(begin);
  std::optional<Error> failure;
  try {
    entry.exit_code = line.run()(session);
  } catch (...) {
    failure = as_error(std::current_exception());
    entry.exit_code = line.exit_code(*failure);
    entry.error = failure->what();
  }
  entry.seconds = std::chrono::duration<double>(std::chrono::system_clock::now() - begin).count();
  audit(line, session, entry);
  if (failure) tell(*failure, line.globals().json, session);
  healthcheck.end(entry.exit_code);
  return entry.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  forbid_cores();
  handle_signals();
  CommandLine line;
  try {
    line.parse(argc, argv);
    hide_passwords(argc, argv);
    return run(line);
  } catch (const CLI::Success& asked) {
    return line.answer(asked);
  } catch (...) {
    const Error error = as_error(std::current_exception());
    report(error, line.globals().json);
    return line.exit_code(error);
  }
}
