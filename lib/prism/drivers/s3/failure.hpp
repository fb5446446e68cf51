#pragma once

#include <string>
#include <string_view>

#include <prism/base/error.hpp>
#include <prism/base/export.hpp>
#include <prism/drivers/s3/request.hpp>

namespace prism::s3 {

/// What the server, or the way to it, answered instead of doing what was asked.
class PRISM_API Failure : public Error {
 public:
  Failure(ErrorCode code, const std::string& message, const std::string& hint, bool passes,
          int status = 0, std::string s3_code = {});
  ~Failure() override;

  /// Of HTTP; 0 where no answer came, or not all of it.
  int status() const { return status_; }
  /// Such as `NoSuchKey`; empty where the server named none.
  const std::string& s3_code() const { return s3_code_; }
  /// After a pause the same request may go well.
  bool passes() const { return passes_; }

 private:
  int status_;
  std::string s3_code_;
  bool passes_;
};

/// What an answer that is no success means; `where` names what was asked for.
PRISM_API Failure failure_of(const Answer& answer, const std::string& where);

/// Nothing or not all came. `words` are those of libcurl, `server` is who was asked.
PRISM_API Failure connection_failure(const std::string& server, std::string_view words);

/// Nobody knows who answers, or a file of certificates can't be used.
PRISM_API Failure tls_failure(const std::string& server, std::string_view words);

/// Something was answered that no S3 server would say.
PRISM_API Failure nonsense(const std::string& where, const std::string& what);

}  // namespace prism::s3
