#include <algorithm>
#include <charconv>
#include <string_view>

#include <prism/base/error.hpp>
#include <prism/base/tar_header.hpp>

namespace prism {
namespace {

struct Field {
  std::size_t at, size;
};

constexpr Field kName{0, 100}, kMode{100, 8}, kSize{124, 12}, kModified{136, 12}, kChecksum{148, 8},
    kTarget{157, 100}, kMagic{257, 6}, kPrefix{345, 155};
constexpr std::size_t kType = 156;

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorCode::bad_data, "tar: " + what);
}

std::string_view bytes_of(const TarBlock& block, Field field) {
  return {block.data() + field.at, field.size};
}

std::string_view text_of(const TarBlock& block, Field field) {
  const std::string_view bytes = bytes_of(block, field);
  return bytes.substr(0, bytes.find('\0'));
}

/// The most significant byte first, behind one of 0x80.
std::uint64_t binary_number(std::string_view bytes) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 52U;
  std::uint64_t number = 0;
  if (bytes.front() != '\x80') fail("a number is negative, or too large");
  for (const char byte : bytes.substr(1)) {
    if (number >= kMost) fail("a number is too large");
    number = number << 8U | static_cast<unsigned char>(byte);
  }
  return number;
}

/// Octal digits between blanks, or a number of base 256.
std::uint64_t number_of(const TarBlock& block, Field field) {
  const std::string_view bytes = bytes_of(block, field);
  if (static_cast<unsigned char>(bytes.front()) >= 0x80U) return binary_number(bytes);
  const char* const end = bytes.data() + bytes.size();
  std::uint64_t number = 0;
  const char* const begin = bytes.data() + std::min(bytes.find_first_not_of(' '), bytes.size());
  const auto [stop, error] = std::from_chars(begin, end, number, 8);
  const bool is_blank = std::all_of(stop, end, [](char c) { return c == ' ' || c == '\0'; });
  if (error != std::errc() || !is_blank) fail("a number was expected in a header");
  return number;
}

/// Of all bytes, those of the sum itself taken as blanks.
std::uint64_t sum_of(const TarBlock& block) {
  std::uint64_t sum = kChecksum.size * ' ';
  for (std::size_t i = 0; i < block.size(); ++i) {
    const bool is_own = i >= kChecksum.at && i < kChecksum.at + kChecksum.size;
    if (!is_own) sum += static_cast<unsigned char>(block[i]);
  }
  return sum;
}

/// GNU has something else where POSIX has the prefix.
std::string path_of(const TarBlock& block) {
  using std::string_view_literals::operator""sv;
  const std::string name(text_of(block, kName));
  const std::string_view prefix = text_of(block, kPrefix);
  const bool is_posix = bytes_of(block, kMagic) == "ustar\0"sv;
  return is_posix && !prefix.empty() ? std::string(prefix) + "/" + name : name;
}

}  // namespace

TarHeader parse_tar_header(const TarBlock& block) {
  if (!bytes_of(block, kMagic).starts_with("ustar")) fail("what should be a header is none");
  if (number_of(block, kChecksum) != sum_of(block)) fail("a header has another checksum");
  TarHeader header;
  header.path = path_of(block);
  header.target = text_of(block, kTarget);
  header.type = block[kType] == '\0' ? '0' : block[kType];
  header.mode = static_cast<std::uint32_t>(number_of(block, kMode)) & 07777U;
  header.size = number_of(block, kSize);
  header.modified = static_cast<std::int64_t>(number_of(block, kModified));
  return header;
}

bool ends_tar(const TarBlock& block) {
  return std::all_of(block.begin(), block.end(), [](char c) { return c == '\0'; });
}

}  // namespace prism
