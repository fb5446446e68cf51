#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <prism/base/error.hpp>
#include <prism/base/export.hpp>

namespace prism::neo4j {

/// What may become of the same request if it is sent again.
enum class Again : std::uint8_t {
  never,      ///< it is answered the same
  later,      ///< after a pause it may go well
  elsewhere,  ///< another server of the cluster takes it
};

struct Meaning {
  ErrorCode code = ErrorCode::internal;
  Again again = Again::never;
  /// In place of the server's words, which may repeat a secret or say little; empty: those.
  std::string_view words = {};
  std::string_view hint = {};
};

/// What a status code of the server, such as `Neo.ClientError.Security.Unauthorized`, means to an
/// operator. Empty: no server spoke, the connection could not be made or was lost.
PRISM_API Meaning meaning_of(std::string_view server_code);

/// What the server, or the way to it, answered instead of doing what was asked.
class PRISM_API Failure : public Error {
 public:
  /// What a server answered; `where` names it.
  Failure(const std::string& where, std::string server_code, std::string_view message);
  /// A connection that could not be made, or was lost.
  explicit Failure(const Error& cause, std::string_view hint = {});
  ~Failure() override;

  /// `Neo.….….…`; empty where no server spoke.
  const std::string& server_code() const { return server_code_; }
  Again again() const { return again_; }
  /// The connection could not be made, or was lost.
  bool is_connection() const { return server_code_.empty(); }
  /// The server has not the memory for so much at once: less of it may go well.
  bool is_out_of_memory() const;

 private:
  std::string server_code_;
  Again again_;
};

/// Behind a COMMIT that was sent, no answer came: the transaction may be there or not. Also for a
/// statement that commits by itself.
class PRISM_API CommitUnknown : public Error {
 public:
  explicit CommitUnknown(const Error& cause);
  ~CommitUnknown() override;
};

}  // namespace prism::neo4j
