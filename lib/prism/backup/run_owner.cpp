#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <prism/backup/run_owner.hpp>
#include <prism/base/host.hpp>

namespace prism::backup {
namespace {

using Json = nlohmann::ordered_json;

/// Field 22 of /proc/PID/stat (proc(5)), in ticks since the machine was started; empty: it can't be
/// seen.
std::string begin_of(std::int64_t process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  std::string stat;
  std::getline(file, stat, '\0');
  auto at = stat.rfind(") ");
  for (int field = 2; field < 21 && at != std::string::npos; ++field) at = stat.find(' ', at + 1);
  if (at == std::string::npos) return {};
  return stat.substr(at + 1, stat.find(' ', at + 1) - at - 1);
}

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

std::string own_namespace() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/ns/pid", error).string();
}

bool is_process_number(std::int64_t number) {
  return number > 0 && number <= std::numeric_limits<pid_t>::max();
}

}  // namespace

std::string RunOwner::text() const {
  return fmt::format("{}, process {} on {}", purpose, process, host);
}

bool RunOwner::is_same_run(const RunOwner& other) const {
  return process == other.process && begun == other.begun && boot == other.boot &&
         pid_namespace == other.pid_namespace && host == other.host;
}

bool RunOwner::has_ended() const {
  const bool is_here = !boot.empty() && boot == boot_id() && !pid_namespace.empty() &&
                       pid_namespace == own_namespace();
  if (!is_here || begun.empty() || !is_process_number(process)) return false;
  const std::string seen = begin_of(process);
  if (!seen.empty()) return seen != begun;
  // Where /proc hides the processes of other users, the kernel still tells that they are there.
  return ::kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH;
}

RunOwner this_run(std::string_view purpose) {
  return {std::string(purpose), host_name(), boot_id(),
          own_namespace(),      ::getpid(),  begin_of(::getpid())};
}

std::string to_json_text(const RunOwner& owner) {
  const Json json{{"purpose", owner.purpose}, {"host", owner.host},
                  {"boot", owner.boot},       {"pid_namespace", owner.pid_namespace},
                  {"process", owner.process}, {"begun", owner.begun}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<RunOwner> parse_run_owner(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    // Those of older versions have no boot and no namespace.
    return RunOwner{json.at("purpose"),     json.at("host"),
                    json.value("boot", ""), json.value("pid_namespace", ""),
                    json.at("process"),     json.at("begun")};
  } catch (const Json::exception&) {
    return {};
  }
}

}  // namespace prism::backup
