#include <algorithm>

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
  for (const char* const one :
       {"data_directory", "config_file", "hba_file", "ident_file", "external_pid_file"}) {
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

/// Two targets, though one is empty, are refused by the server.
bool is_of_recovery(std::string_view line) {
  return line.starts_with("recovery_target") || line.starts_with("restore_command") ||
         line.starts_with("recovery_end_command") || line.starts_with("archive_cleanup_command");
}

template <typename Unwanted>
std::string without_lines(std::string_view text, Unwanted is_unwanted) {
  std::string kept;
  while (!text.empty()) {
    const std::size_t end = std::min(text.size(), text.find('\n') + 1);
    const std::string_view line = text.substr(0, end == 0 ? text.size() : end);
    if (!is_unwanted(line)) kept += line;
    text.remove_prefix(line.size());
  }
  return kept;
}

/// A server that starts knows no `Z` yet: its time zone by number.
std::string value_of(const Recovery& recovery) {
  std::string value = recovery.value;
  if (recovery.target != RecoveryTarget::time || !value.ends_with('Z')) return value;
  value.replace(value.size() - 1, 1, "+00");
  return value.replace(value.find('T'), 1, " ");
}

std::string target_name(RecoveryTarget target) {
  switch (target) {
    case RecoveryTarget::time:
      return "recovery_target_time";
    case RecoveryTarget::lsn:
      return "recovery_target_lsn";
    case RecoveryTarget::name:
      return "recovery_target_name";
    // The copy's own WAL ends with it: "immediate" would wait for more.
    case RecoveryTarget::consistent:
    case RecoveryTarget::latest:
      break;
  }
  return {};
}

}  // namespace

std::string with_recovery(const std::string& auto_conf, const Recovery& recovery,
                          const ClusterRecord& record) {
  std::string lines =
      without_lines(auto_conf, is_of_recovery) + "\n# written by prismctl restore\n";
  for (const auto& [name, value] : record.least) lines += line(name, value);
  // A command that finds nothing: recovery wants one, and ends with the copy's own WAL.
  lines +=
      line("restore_command", recovery.fetch_command.empty() ? "false" : recovery.fetch_command);
  const bool at_once = recovery.target == RecoveryTarget::consistent;
  const std::string target = target_name(recovery.target);
  if (!target.empty()) lines += line(target, value_of(recovery));
  lines += line("recovery_target_timeline", at_once ? "current" : recovery.timeline);
  lines += line("recovery_target_action", "promote");
  return lines;
}

std::string label_of_whole(const std::string& backup_label) {
  return without_lines(backup_label,
                       [](std::string_view line) { return line.starts_with("INCREMENTAL FROM "); });
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
