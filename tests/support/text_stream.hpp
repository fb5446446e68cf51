#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <prism/base/stream.hpp>

namespace prism::test {

/// Gives a text, at most `piece` bytes at a time.
class TextSource : public ByteSource {
 public:
  explicit TextSource(std::string_view text, std::size_t piece = std::string::npos)
      : text_(text), piece_(piece) {}

  std::size_t read(std::span<char> into) override {
    const std::size_t size = text_.copy(into.data(), std::min(into.size(), piece_), at_);
    at_ += size;
    return size;
  }

 private:
  std::string text_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

/// Keeps all that it takes.
class TextSink : public ByteSink {
 public:
  void write(std::string_view bytes) override { text_ += bytes; }
  void finish() override { finished_ = true; }

  const std::string& text() const { return text_; }
  bool finished() const { return finished_; }

 private:
  std::string text_;
  bool finished_ = false;
};

/// Writes a text in pieces of 1, 2, 4, … bytes, and from 64 KiB on in uneven ones.
inline void write_in_pieces(ByteSink& sink, std::string_view text) {
  for (std::size_t piece = 1; !text.empty(); piece += piece < 65536 ? piece : 12345) {
    sink.write(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
  }
}

/// All that is left, read in pieces of `piece` bytes.
inline std::string text_of(ByteSource& source, std::size_t piece = std::size_t{64} * 1024) {
  std::string buffer(piece, '\0');
  std::string text;
  while (const std::size_t got = source.read(buffer)) text.append(buffer, 0, got);
  return text;
}

}  // namespace prism::test
