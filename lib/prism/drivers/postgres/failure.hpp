#pragma once

#include <string>
#include <string_view>

#include <prism/base/error.hpp>
#include <prism/base/export.hpp>

namespace prism::postgres {

struct Meaning {
  ErrorCode code;
  std::string_view hint;
};

/// The exit code and hint of an SQLSTATE (PostgreSQL manual, appendix A).
PRISM_API Meaning meaning_of(std::string_view sqlstate);

/// What the server, or the way to it, answered instead of doing what was asked.
class PRISM_API Failure : public Error {
 public:
  /// `sqlstate` is empty where no server spoke: the connection could not be made, or was lost.
  Failure(std::string sqlstate, const std::string& message);
  /// A connection that could not be made, in our own words, for a reason that stays.
  Failure(const Meaning& meaning, const std::string& message);

  const std::string& sqlstate() const { return sqlstate_; }
  /// Whether the same may succeed a little later: the connection refused or lost, too many
  /// connections (53300), the server starting or stopping (57P01 to 57P03), a transaction that had
  /// to give way (40001, 40P01).
  bool retryable() const { return retryable_; }

 private:
  std::string sqlstate_;
  bool retryable_;
};

}  // namespace prism::postgres
