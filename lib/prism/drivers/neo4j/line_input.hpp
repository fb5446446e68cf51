#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <prism/base/cancel.hpp>
#include <prism/base/stream.hpp>

namespace prism::neo4j {

/// The lines of a text that nobody has checked. Memory holds the one that is read, at most
/// kLongestLine.
class LineInput {
 public:
  LineInput(ByteSource& source, const Cancel& cancel) : source_(source), cancel_(cancel) {}

  /// Without its LF; nothing at the end of the text. Good until the next call. Throws
  /// Error(bad_data) for one that has no LF, is too long or isn't UTF-8.
  std::optional<std::string_view> next();
  /// Of the line that was read last, from 1.
  std::uint64_t number() const { return number_; }

  [[noreturn]] void fail_cut() const;

 private:
  /// False at the end of the text.
  bool read_more();
  [[noreturn]] void fail(const std::string& what) const;

  ByteSource& source_;
  const Cancel& cancel_;
  std::string buffer_;
  std::size_t begin_ = 0;  ///< of the next line
  std::size_t end_ = 0;    ///< of what was read
  std::uint64_t number_ = 0;
};

}  // namespace prism::neo4j
