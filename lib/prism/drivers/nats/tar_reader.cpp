#include <algorithm>
#include <array>
#include <charconv>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/nats/tar_reader.hpp>

namespace prism::nats {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::uint64_t kMostExtended = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostOfFile = std::uint64_t{1} << 50;

using Header = std::array<char, kBlock>;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::bad_data, "tar: " + what);
}

std::string_view text_at(const Header& header, std::size_t from, std::size_t size) {
  const std::string_view field(header.data() + from, size);
  return field.substr(0, std::min(field.find('\0'), size));
}

template <int Base>
std::uint64_t number_of(std::string_view text) {
  text = trimmed(text);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, Base);
  if (error != std::errc() || end != text.data() + text.size()) refuse("a number was expected");
  return number;
}

bool is_zero(const Header& header) {
  return std::all_of(header.begin(), header.end(), [](char c) { return c == 0; });
}

/// The sum of all bytes, those of the sum itself taken as blanks.
void require_checksum(const Header& header) {
  constexpr std::size_t kFrom = 148, kSize = 8;
  std::uint64_t sum = kSize * ' ';
  for (std::size_t i = 0; i < kBlock; ++i) {
    if (i < kFrom || i >= kFrom + kSize) sum += static_cast<unsigned char>(header[i]);
  }
  if (sum != number_of<8>(text_at(header, kFrom, kSize))) {
    refuse("the checksum of a header does not fit");
  }
}

std::string name_of(const Header& header) {
  const std::string_view prefix = text_at(header, 345, 155);
  const std::string name(text_at(header, 0, 100));
  return prefix.empty() ? name : std::string(prefix) + "/" + name;
}

std::uint64_t size_of(const Header& header) {
  const std::uint64_t size = number_of<8>(text_at(header, 124, 12));
  if (size > kMostOfFile) refuse("a file of more than 1 PiB");
  return size;
}

std::uint64_t padding_of(std::uint64_t size) { return (kBlock - size % kBlock) % kBlock; }

}  // namespace

std::optional<TarFile> TarReader::next() {
  std::optional<std::string> name;
  std::optional<std::uint64_t> size;
  for (;;) {
    skip_rest();
    Header header{};
    read_all(header);
    if (is_zero(header)) {
      if (name || size) refuse("a file was expected behind its extended header");
      require_end();
      return {};
    }
    require_checksum(header);
    const char type = header[156];
    if (type == 'x') {
      take_extended(size_of(header), name, size);
    } else if (type == '0' || type == '\0') {
      TarFile file{name.value_or(name_of(header)), size.value_or(size_of(header))};
      left_ = file.size;
      padding_ = padding_of(file.size);
      return file;
    } else {
      refuse("a regular file was expected, found one of type " + in_quotes({&type, 1}));
    }
  }
}

std::size_t TarReader::read(std::span<char> into) {
  if (left_ == 0) return 0;
  into = into.first(std::min<std::uint64_t>(into.size(), left_));
  const std::size_t size = source_.read(into);
  if (size == 0) refuse("it ends within a file");
  left_ -= size;
  return size;
}

void TarReader::read_all(std::span<char> into) {
  while (!into.empty()) {
    const std::size_t size = source_.read(into);
    if (size == 0) refuse("it has no end");
    into = into.subspan(size);
  }
}

void TarReader::skip_rest() {
  std::array<char, 16 * kBlock> buffer{};
  while (left_ > 0) read(buffer);
  read_all(std::span(buffer).first(padding_));
  padding_ = 0;
}

/// A second block of zeros, and any number more.
void TarReader::require_end() {
  Header block{};
  read_all(block);
  for (;;) {
    if (!is_zero(block)) refuse("something lies behind its end");
    const std::size_t size = source_.read(block);
    if (size == 0) return;
    read_all(std::span(block).subspan(size));
  }
}

/// Records `LENGTH KEY=VALUE\n` for the file that follows.
void TarReader::take_extended(std::uint64_t size, std::optional<std::string>& name,
                              std::optional<std::uint64_t>& bytes) {
  if (size > kMostExtended) refuse("an extended header of more than 1 MiB");
  std::string text(size, '\0');
  read_all(text);
  padding_ = padding_of(size);
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto blank = std::min(rest.find(' '), rest.size());
    const std::uint64_t length = number_of<10>(rest.substr(0, blank));
    if (length > rest.size() || length < blank + 2 || rest[length - 1] != '\n') {
      refuse("a record of an extended header has another length than it says");
    }
    const std::string_view record = rest.substr(blank + 1, length - blank - 2);
    if (record.starts_with("path=")) name = record.substr(5);
    if (record.starts_with("size=")) bytes = number_of<10>(record.substr(5));
    rest.remove_prefix(length);
  }
  if (bytes && *bytes > kMostOfFile) refuse("a file of more than 1 PiB");
}

}  // namespace prism::nats
