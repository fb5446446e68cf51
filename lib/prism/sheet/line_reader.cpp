#include <algorithm>
#include <cstring>
#include <utility>

#include <prism/sheet/damage.hpp>
#include <prism/sheet/line_reader.hpp>

namespace prism::sheet {
namespace {

constexpr std::size_t kLongestLine = std::size_t{16} << 20;

}  // namespace

LineReader::LineReader(std::shared_ptr<const ByteSource> source)
    : stream_(std::move(source), text_) {}

std::string_view LineReader::peek(std::size_t most) {
  while (text_.size() - begin_ < most && read_more()) continue;
  return {text_.data() + begin_, std::min(most, text_.size() - begin_)};
}

bool LineReader::next(std::span<char>& line) {
  if (begin_ == text_.size() && !read_more()) return false;
  ++number_;
  const std::size_t end = find_end();
  line = without_line_end(end);
  if (line.size() > kLongestLine) throw Damage("a line is longer than 16 MiB");
  if (std::memchr(line.data(), 0, line.size()) != nullptr) {
    throw Damage("holds a NUL, expected text");
  }
  begin_ = std::min(end + 1, text_.size());
  return true;
}

/// What has been read goes first, so that the buffer holds one line only.
bool LineReader::read_more() {
  if (begin_ > 0) {
    const std::size_t left = text_.size() - begin_;
    std::memmove(text_.data(), text_.data() + begin_, left);
    text_.cut_to(left);
    begin_ = 0;
  }
  return stream_.read();
}

/// Where the line's end stands in `text_`, or where the text ends.
std::size_t LineReader::find_end() {
  std::size_t looked_at = 0;  // bytes of the line
  for (;;) {
    const char* const from = text_.data() + begin_ + looked_at;
    looked_at = text_.size() - begin_;
    const auto left = static_cast<std::size_t>(text_.data() + text_.size() - from);
    const void* const end = std::memchr(from, line_end_, left);
    if (end != nullptr) {
      return static_cast<std::size_t>(static_cast<const char*>(end) - text_.data());
    }
    if (looked_at > kLongestLine || !read_more()) return text_.size();
  }
}

std::span<char> LineReader::without_line_end(std::size_t end) {
  char* const line = text_.data() + begin_;
  std::size_t size = end - begin_;
  if (line_end_ == '\n' && size > 0 && line[size - 1] == '\r') --size;
  return {line, size};
}

}  // namespace prism::sheet
