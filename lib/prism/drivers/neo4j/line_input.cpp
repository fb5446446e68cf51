#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/neo4j/graph_lines.hpp>
#include <prism/drivers/neo4j/line_input.hpp>

namespace prism::neo4j {

std::optional<std::string_view> LineInput::next() {
  std::size_t looked_at = 0;
  for (;;) {
    const std::string_view ahead = std::string_view(buffer_).substr(begin_, end_ - begin_);
    if (const std::size_t size = ahead.find('\n', looked_at); size != std::string_view::npos) {
      const std::string_view line = ahead.substr(0, size);
      if (find_invalid_utf8(line) != std::string_view::npos) fail("no UTF-8");
      begin_ += size + 1;
      ++number_;
      return line;
    }
    looked_at = ahead.size();
    if (looked_at > kLongestLine) fail(fmt::format("longer than {} bytes", kLongestLine));
    if (read_more()) continue;
    if (looked_at > 0) fail_cut();
    return std::nullopt;
  }
}

bool LineInput::read_more() {
  constexpr std::size_t kBlock = std::size_t{256} << 10;
  cancel_.check();
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  // Doubled, so that a long line is not copied again for each block.
  if (buffer_.size() - end_ < kBlock) buffer_.resize(std::max(2 * buffer_.size(), 2 * kBlock));
  const std::size_t size = source_.read(std::span(buffer_).subspan(end_, kBlock));
  end_ += size;
  return size > 0;
}

void LineInput::fail(const std::string& what) const {
  throw Error(ErrorCode::bad_data, fmt::format("line {}: {}", number_ + 1, what));
}

void LineInput::fail_cut() const {
  throw Error(ErrorCode::bad_data, fmt::format("cut off in line {}", number_ + 1));
}

}  // namespace prism::neo4j
