#include <algorithm>
#include <array>
#include <string_view>

#include <prism/sheet/text_encoding.hpp>

namespace prism::sheet {
namespace {

using namespace std::string_view_literals;

struct Mark {
  std::string_view bytes;
  Encoding encoding;
};

/// UTF-32 before UTF-16, whose mark its own begins with.
constexpr std::array kMarks{
    Mark{"\xFF\xFE\0\0"sv, Encoding::utf32}, Mark{"\0\0\xFE\xFF"sv, Encoding::utf32},
    Mark{"\xEF\xBB\xBF"sv, Encoding::utf8},  Mark{"\xFF\xFE"sv, Encoding::utf16_le},
    Mark{"\xFE\xFF"sv, Encoding::utf16_be},
};

/// How many NULs stand at each offset, modulo four.
std::array<std::size_t, 4> count_nuls(Bytes bytes) {
  std::array<std::size_t, 4> counts{};
  for (std::size_t i = 0; i < bytes.size(); ++i) counts[i % 4] += bytes[i] == 0 ? 1 : 0;
  return counts;
}

/// Headers and delimiters are ASCII whatever the script of the words: at least half the high bytes
/// are NUL then. The low ones hardly ever are, but for characters such as U+4E00.
bool are_high_bytes(std::size_t nuls, std::size_t other_nuls, std::size_t units) {
  return nuls * 2 >= units && other_nuls * 8 <= nuls;
}

Encoding encoding_by_nuls(Bytes start) {
  const auto nuls = count_nuls(start);
  const std::size_t quads = start.size() / 4;
  const std::size_t units = start.size() / 2;
  if (quads > 0 && nuls[2] == quads && nuls[3] == quads && nuls[0] == 0) return Encoding::utf32;
  if (quads > 0 && nuls[0] == quads && nuls[1] == quads && nuls[3] == 0) return Encoding::utf32;
  const std::size_t even = nuls[0] + nuls[2];
  const std::size_t odd = nuls[1] + nuls[3];
  if (units < 2) return Encoding::unmarked;
  if (are_high_bytes(odd, even, units)) return Encoding::utf16_le;
  if (are_high_bytes(even, odd, units)) return Encoding::utf16_be;
  return Encoding::unmarked;
}

}  // namespace

DetectedEncoding detect_encoding(Bytes start) {
  constexpr std::size_t kLookAt = 1024;
  const Bytes bytes = start.first(std::min(start.size(), kLookAt));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const Mark& mark : kMarks) {
    if (text.starts_with(mark.bytes)) return {mark.encoding, mark.bytes.size()};
  }
  // A byte or three too many say nothing of the rest, but would be counted.
  return {encoding_by_nuls(bytes.first(bytes.size() / 2 * 2)), 0};
}

}  // namespace prism::sheet
