#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <prism/base/error.hpp>

namespace prism {
namespace {

constexpr std::array kErrors{
    ErrorInfo{ErrorCode::done, "done",
              "everything was done; logged warnings alone do not change that"},
    ErrorInfo{ErrorCode::partial, "partial",
              "done, but rows were rejected or a target is degraded"},
    ErrorInfo{ErrorCode::critical, "critical",
              "a target is down, a backup or restore failed, or damage was found"},
    ErrorInfo{ErrorCode::unknown, "unknown",
              "the state could not be told, such as no store or no backup there"},
    ErrorInfo{ErrorCode::usage, "usage", "the command line was not understood"},
    ErrorInfo{ErrorCode::bad_data, "bad_data", "the input data are not what they should be"},
    ErrorInfo{ErrorCode::input_missing, "input_missing", "an input file or folder is not there"},
    ErrorInfo{ErrorCode::unavailable, "unavailable", "a service could not be reached"},
    ErrorInfo{ErrorCode::internal, "internal", "a bug in prismctl"},
    ErrorInfo{ErrorCode::refused, "refused", "refused, because something would be overwritten"},
    ErrorInfo{ErrorCode::io, "io", "reading or writing failed, such as on a full disk"},
    ErrorInfo{ErrorCode::locked, "locked", "another run holds the lock"},
    ErrorInfo{ErrorCode::permission, "permission", "authentication failed or a right is missing"},
    ErrorInfo{ErrorCode::configuration, "configuration", "a setting is wrong"},
    ErrorInfo{ErrorCode::interrupted, "interrupted", "interrupted by SIGINT"},
    ErrorInfo{ErrorCode::terminated, "terminated", "ended by SIGTERM"},
};

ErrorCode code_of(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::input_missing;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::permission;
    default:
      return ErrorCode::io;
  }
}

}  // namespace

std::span<const ErrorInfo> error_table() { return kErrors; }

std::string_view error_name(ErrorCode code) {
  const auto found = std::find_if(kErrors.begin(), kErrors.end(),
                                  [code](const ErrorInfo& info) { return info.code == code; });
  return found == kErrors.end() ? "internal" : found->name;
}

Error::Error(ErrorCode code, const std::string& message, std::string hint)
    : std::runtime_error(message), code_(code), hint_(std::move(hint)) {}

Error::~Error() = default;

Error system_error(int error_number, const std::string& what) {
  return {code_of(error_number), what + ": " + std::system_category().message(error_number)};
}

Error write_error(int error_number, const std::string& what) {
  const ErrorCode code = code_of(error_number);
  return {code == ErrorCode::input_missing ? ErrorCode::io : code,
          what + ": " + std::system_category().message(error_number)};
}

}  // namespace prism
