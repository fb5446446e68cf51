#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>

namespace prism::nats {

/// One message of a stream.
struct StoredMessage {
  std::uint64_t sequence = 0;
  std::string subject;
  std::string headers;  ///< as they go over the wire, `NATS/1.0\r\n…`; empty: none
  std::string data;
};

/// Of a message as the server's API has it: `seq`, `subject`, `hdrs` and `data`. Throws
/// Error(bad_data) or a JSON exception for anything else.
PRISM_API StoredMessage stored_message(const nlohmann::json& json);

/// Reads the messages of a stream, one JSON object a line, UTF-8, LF:
///   {"format": "prismctl NATS messages", "version": 1, "stream": NAME}
///   {"seq": 1, "subject": "a.b", "time": "2026-11-21T10:15:00Z", "hdrs": BASE64, "data": BASE64}
///   {"end": 1}
/// with one line for each message in order of their sequences, as the server's own API has it
/// (STREAM.MSG.GET; without `hdrs` or `data` where there are none), and their number in the last.
/// Throws Error(bad_data) for anything else, an end that is missing included.
class PRISM_API MessageLines {
 public:
  MessageLines(ByteSource& source, const std::string& stream);

  /// Nothing at the end.
  std::optional<StoredMessage> next();

 private:
  bool read_line();
  nlohmann::json line();

  ByteSource& source_;
  std::string buffer_;
  std::size_t at_ = 0;  ///< in the buffer
  std::string line_;
  std::uint64_t last_ = 0, count_ = 0;
};

/// The first and the last line, with their LF.
PRISM_API std::string first_message_line(const std::string& stream);
PRISM_API std::string last_message_line(std::uint64_t count);

}  // namespace prism::nats
