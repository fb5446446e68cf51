#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/read_all.hpp>

namespace prism {

std::string read_at_most(ByteSource& source, std::size_t most) {
  std::string content;
  std::array<char, 64 * 1024> block{};
  while (content.size() < most) {
    const std::size_t size =
        source.read({block.data(), std::min(block.size(), most - content.size())});
    if (size == 0) break;
    content.append(block.data(), size);
  }
  return content;
}

std::string read_all(ByteSource& source, std::size_t most, const std::string& where) {
  std::string content = read_at_most(source, most + 1);
  if (content.size() <= most) return content;
  throw Error(ErrorCode::bad_data, fmt::format("{}: more than {} bytes", where, most));
}

}  // namespace prism
