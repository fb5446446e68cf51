#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>

struct redisReader;

namespace prism::redis {

/// What Redis answers (RESP 2).
struct PRISM_API Reply {
  enum class Kind : std::uint8_t { nothing, status, error, text, integer, list };

  Kind kind = Kind::nothing;
  std::int64_t integer = 0;
  std::string text;  ///< of a status, an error or a string
  std::vector<std::unique_ptr<Reply>> items;

  bool is_error() const { return kind == Kind::error; }
  /// An error's first word, such as `MOVED`; empty for anything else.
  std::string_view error_name() const;
  /// An item's text; empty where there is none.
  std::string_view item_text(std::size_t i) const;
};

/// Makes replies of bytes, by the reader of hiredis. Nothing is allocated ahead of the bytes that
/// have come in.
class PRISM_API ReplyReader {
 public:
  ReplyReader();

  /// Throws Error(unavailable) for bytes that are no Redis protocol; so does next().
  void feed(std::string_view bytes);
  /// The next whole reply.
  std::unique_ptr<Reply> next();
  /// Whether the beginning of a reply waits for its end.
  bool within_reply() const { return pending_; }

 private:
  [[noreturn]] void fail() const;

  struct Free {
    void operator()(redisReader* reader) const;
  };
  std::unique_ptr<redisReader, Free> reader_;
  bool pending_ = false;
};

}  // namespace prism::redis
