#include <algorithm>
#include <array>
#include <charconv>

#include <prism/base/error.hpp>
#include <prism/base/tar_header.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/nats/tar_reader.hpp>

namespace prism::nats {
namespace {

constexpr std::uint64_t kMostExtended = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostOfFile = std::uint64_t{1} << 50;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::bad_data, "tar: " + what);
}

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) refuse("a number was expected");
  return number;
}

}  // namespace

std::optional<TarFile> TarReader::next() {
  std::optional<std::string> name;
  std::optional<std::uint64_t> size;
  for (;;) {
    skip_rest();
    TarBlock block{};
    read_all(block);
    if (ends_tar(block)) {
      if (name || size) refuse("a file was expected behind its extended header");
      require_end();
      return {};
    }
    const TarHeader header = parse_tar_header(block);
    if (header.type == 'x') {
      take_extended(header.size, name, size);
    } else if (header.type == '0') {
      TarFile file{name.value_or(header.path), size.value_or(header.size)};
      if (file.size > kMostOfFile) refuse("a file of more than 1 PiB");
      left_ = file.size;
      padding_ = tar_padding(file.size);
      return file;
    } else {
      refuse("a regular file was expected, found one of type " + in_quotes({&header.type, 1}));
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
  std::array<char, 16 * kTarBlock> buffer{};
  while (left_ > 0) read(buffer);
  read_all(std::span(buffer).first(padding_));
  padding_ = 0;
}

/// A second block of zeros, and any number more.
void TarReader::require_end() {
  TarBlock block{};
  read_all(block);
  for (;;) {
    if (!ends_tar(block)) refuse("something lies behind its end");
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
  padding_ = tar_padding(size);
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto blank = std::min(rest.find(' '), rest.size());
    const std::uint64_t length = number_of(rest.substr(0, blank));
    if (length > rest.size() || length < blank + 2 || rest[length - 1] != '\n') {
      refuse("a record of an extended header has another length than it says");
    }
    const std::string_view record = rest.substr(blank + 1, length - blank - 2);
    if (record.starts_with("path=")) name = record.substr(5);
    if (record.starts_with("size=")) bytes = number_of(record.substr(5));
    rest.remove_prefix(length);
  }
}

}  // namespace prism::nats
