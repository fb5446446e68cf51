#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <prism/base/export.hpp>
#include <prism/sheet/text_stream.hpp>

namespace prism::sheet {

/// The lines of a text, one at a time. Memory: the longest line and a block.
class PRISM_API LineReader {
 public:
  /// Throws Damage for UTF-32.
  explicit LineReader(std::shared_ptr<const ByteSource> source);
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  Encoding encoding() const { return stream_.encoding(); }

  /// What follows, at most that many bytes: fewer only if the text ends there. It stays unread.
  std::string_view peek(std::size_t most);

  /// CR, or LF (as at first), before which a CR is part of the line's end.
  void set_line_end(char line_end) { line_end_ = line_end; }

  /// The next line without its end, in memory that may be written to and lives until the next call;
  /// false after the last. Throws Damage for a line of more than 16 MiB, and for a NUL.
  bool next(std::span<char>& line);

  /// Of the line read last, from 1 on.
  std::uint32_t number() const { return number_; }

 private:
  bool read_more();
  std::size_t find_end();
  std::span<char> without_line_end(std::size_t end);

  TextBuffer text_;
  TextStream stream_;
  std::size_t begin_ = 0;  ///< of what is unread, in `text_`
  std::uint32_t number_ = 0;
  char line_end_ = '\n';
};

}  // namespace prism::sheet
