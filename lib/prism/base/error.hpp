#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism {

/// Why an operation ended. The number is the process exit code and is never reused.
enum class ErrorCode : int {
  done = 0,
  partial = 1,
  critical = 2,
  unknown = 3,
  usage = 64,
  bad_data = 65,
  input_missing = 66,
  unavailable = 69,
  internal = 70,
  refused = 73,
  io = 74,
  locked = 75,
  permission = 77,
  configuration = 78,
  interrupted = 130,
  terminated = 143,
};

struct ErrorInfo {
  ErrorCode code;
  std::string_view name;
  std::string_view meaning;
};

/// The one table of exit codes: man page, `--help` and JSON errors are made from it.
PRISM_API std::span<const ErrorInfo> error_table();
PRISM_API std::string_view error_name(ErrorCode code);

/// Ends an operation. `what()` is lower case, without a full stop, and says what was found and what
/// was expected; the hint, if any, says what the operator can do about it.
class PRISM_API Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message, std::string hint = {});
  ~Error() override;

  ErrorCode code() const { return code_; }
  const std::string& hint() const { return hint_; }

 private:
  ErrorCode code_;
  std::string hint_;
};

/// An I/O error with the system's own words for `error_number`; a missing file becomes
/// input_missing, a refused one permission, everything else io.
PRISM_API Error system_error(int error_number, const std::string& what);

/// The same for something that was to be written: a missing folder is io, not a missing input.
PRISM_API Error write_error(int error_number, const std::string& what);

}  // namespace prism
