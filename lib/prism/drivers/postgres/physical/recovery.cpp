#include <array>

#include <fmt/format.h>

#include <prism/drivers/postgres/physical/recovery.hpp>

namespace prism::postgres {
namespace {

namespace fs = std::filesystem;

/// A value as a configuration file has it.
std::string quoted(const std::string& value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += c;
    text += c;
  }
  return text + "'";
}

std::string line(const std::string& name, const std::string& value) {
  return name + " = " + quoted(value) + "\n";
}

/// What of the source's configuration says where its own files are.
bool is_of_its_place(const std::string& name) {
  for (const char* const one : {"data_directory", "config_file", "hba_file", "ident_file",
                                "external_pid_file"}) {
    if (name == one) return true;
  }
  return false;
}

bool is_missing(const std::string& value) {
  std::error_code ignored;
  return value.starts_with('/') && !fs::exists(value, ignored);
}

bool is_file_of_tls(const std::string& name) {
  return name.starts_with("ssl_") && name.ends_with("_file");
}

/// Only one of them may be set, whatever the source's own configuration says.
constexpr std::array<const char*, 5> kTargets{"recovery_target", "recovery_target_time",
                                              "recovery_target_lsn", "recovery_target_name",
                                              "recovery_target_xid"};

std::string target_name(RecoveryTarget target) {
  switch (target) {
    case RecoveryTarget::consistent:
      return "recovery_target";
    case RecoveryTarget::time:
      return "recovery_target_time";
    case RecoveryTarget::lsn:
      return "recovery_target_lsn";
    case RecoveryTarget::name:
      return "recovery_target_name";
    case RecoveryTarget::latest:
      break;
  }
  return {};
}

}  // namespace

std::string recovery_lines(const Recovery& recovery, const ClusterRecord& record) {
  std::string lines = "\n# written by prismctl restore\n";
  for (const auto& [name, value] : record.least) lines += line(name, value);
  // A command that finds nothing: recovery wants one, and ends with the copy's own WAL.
  lines += line("restore_command",
                recovery.fetch_command.empty() ? "false" : recovery.fetch_command);
  const bool at_once = recovery.target == RecoveryTarget::consistent;
  const std::string wanted = target_name(recovery.target);
  for (const char* const name : kTargets) {
    lines += line(name, name != wanted ? "" : at_once ? "immediate" : recovery.value);
  }
  lines += line("recovery_target_timeline", at_once ? "current" : "latest");
  lines += line("recovery_target_inclusive", "on");
  lines += line("recovery_target_action", "promote");
  lines += line("recovery_end_command", "") + line("archive_cleanup_command", "");
  return lines;
}

std::string configuration_lines(const ClusterRecord& record) {
  std::string lines = "# written by prismctl restore, from what the source's configuration said\n";
  bool tls_is_whole = true;
  for (const auto& [name, value] : record.settings) {
    if (is_of_its_place(name)) continue;
    if (is_missing(value)) {
      lines += "# not on this machine: " + line(name, value);
      if (name == "unix_socket_directories") lines += line(name, "/tmp");
      if (is_file_of_tls(name)) tls_is_whole = false;
      continue;
    }
    lines += line(name, value);
  }
  if (!tls_is_whole) lines += line("ssl", "off");
  return lines;
}

std::string access_lines(const ClusterRecord& record) {
  if (!record.hba.empty()) return record.hba;
  return "# written by prismctl restore: the source's own could not be read\n"
         "local all all peer\n"
         "host all all 127.0.0.1/32 scram-sha-256\n"
         "host all all ::1/128 scram-sha-256\n";
}

}  // namespace prism::postgres
