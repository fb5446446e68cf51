#include <cerrno>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/host.hpp>
#include <prism/setup/audit.hpp>

namespace prism::setup {
namespace {

std::string line_of(const AuditEntry& entry) {
  nlohmann::ordered_json line{{"schema", 1},
                              {"time", entry.started},
                              {"user", user_name()},
                              {"host", host_name()},
                              {"process", ::getpid()},
                              {"run", entry.run},
                              {"command", entry.command},
                              {"targets", entry.targets},
                              {"exit_code", entry.exit_code},
                              {"result", error_name(static_cast<ErrorCode>(entry.exit_code))},
                              {"seconds", entry.seconds}};
  if (!entry.error.empty()) line["error"] = entry.error;
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// A run that was killed, or a full disk, may have left the beginning of a line.
bool ends_within_line(int fd) {
  struct stat state {};
  char last = '\n';
  return ::fstat(fd, &state) == 0 && S_ISREG(state.st_mode) && state.st_size > 0 &&
         ::pread(fd, &last, 1, state.st_size - 1) == 1 && last != '\n';
}

}  // namespace

void append_audit(const std::filesystem::path& file, const AuditEntry& entry) {
  std::error_code error;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), error);
  if (error) throw write_error(error.value(), file.parent_path().string());
  const FileDescriptor fd(::open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) throw write_error(errno, file.string());
  // One write, so that lines of runs side by side don't mix.
  const std::string line = (ends_within_line(fd.get()) ? "\n" : "") + line_of(entry);
  const ssize_t written = ::write(fd.get(), line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) throw write_error(errno, file.string());
}

}  // namespace prism::setup
