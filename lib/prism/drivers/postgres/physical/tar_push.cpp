#include <algorithm>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/physical/file_list.hpp>
#include <prism/drivers/postgres/physical/tar_push.hpp>

namespace prism::postgres {
namespace {

constexpr std::size_t kBlock = 512;

[[noreturn]] void fail(const std::string& why) {
  throw Error(ErrorCode::bad_data, "archive of the server: " + why);
}

std::string_view field(const std::array<char, kBlock>& header, std::size_t at, std::size_t size) {
  const std::string_view whole(header.data() + at, size);
  return whole.substr(0, whole.find('\0'));
}

/// Octal digits, or, where the highest bit is set, a number of base 256.
std::uint64_t number(const std::array<char, kBlock>& header, std::size_t at, std::size_t size) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 60U;
  std::uint64_t value = 0;
  const bool binary = (static_cast<unsigned char>(header[at]) & 0x80U) != 0;
  for (std::size_t i = at; i < at + size; ++i) {
    const auto byte = static_cast<unsigned char>(header[i]);
    if (value > kMost / 256) fail("a number is too large");
    if (binary) {
      value = value << 8U | (i == at ? byte & 0x7FU : byte);
    } else if (byte >= '0' && byte <= '7') {
      value = value * 8 + (byte - '0');
    } else if (byte != ' ' && byte != 0) {
      fail("no number");
    }
  }
  return value;
}

bool is_empty(const std::array<char, kBlock>& header) {
  return std::all_of(header.begin(), header.end(), [](char c) { return c == 0; });
}

void require_checksum(const std::array<char, kBlock>& header) {
  constexpr std::size_t kAt = 148, kSize = 8;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const bool own = i >= kAt && i < kAt + kSize;
    sum += own ? ' ' : static_cast<unsigned char>(header[i]);
  }
  if (sum != number(header, kAt, kSize)) fail("a header has another checksum");
}

std::string path_of(const std::array<char, kBlock>& header) {
  std::string path(field(header, 0, 100));
  if (field(header, 257, 5) == "ustar" && header[345] != 0) {
    path = std::string(field(header, 345, 155)) + "/" + path;
  }
  while (path.ends_with('/')) path.pop_back();
  return path.starts_with("./") ? path.substr(2) : path;
}

EntryKind kind_of(char type) {
  switch (type) {
    case '0':
    case '\0':
      return EntryKind::file;
    case '5':
      return EntryKind::folder;
    case '2':
      return EntryKind::link;
    default:
      fail("an entry of another kind");
  }
}

}  // namespace

void TarPush::begin_entry() {
  header_size_ = 0;
  if (is_empty(header_)) {
    ++empty_blocks_;
    return;
  }
  if (empty_blocks_ > 0) fail("something follows its end");
  require_checksum(header_);
  BackupEntry entry;
  entry.path = below_ + path_of(header_);
  entry.kind = kind_of(header_[156]);
  entry.mode = static_cast<std::uint32_t>(number(header_, 100, 8)) & 07777U;
  entry.modified = static_cast<std::int64_t>(number(header_, 136, 12));
  if (entry.kind == EntryKind::file) entry.size = number(header_, 124, 12);
  if (entry.kind == EntryKind::link) entry.target = field(header_, 157, 100);
  require_inside(entry.path);
  files_.begin(entry);
  data_left_ = entry.size;
  padding_left_ = (kBlock - entry.size % kBlock) % kBlock;
  if (data_left_ == 0) files_.end();
}

void TarPush::add(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t size = 0;
    if (data_left_ > 0) {
      size = std::min<std::uint64_t>(data_left_, bytes.size());
      files_.data(bytes.substr(0, size));
      data_left_ -= size;
      if (data_left_ == 0) files_.end();
    } else if (padding_left_ > 0) {
      size = std::min<std::uint64_t>(padding_left_, bytes.size());
      padding_left_ -= size;
    } else {
      size = std::min(kBlock - header_size_, bytes.size());
      bytes.copy(header_.data() + header_size_, size);
      header_size_ += size;
      if (header_size_ == kBlock) begin_entry();
    }
    bytes.remove_prefix(size);
  }
}

void TarPush::finish() const {
  const bool within = data_left_ > 0 || padding_left_ > 0 || header_size_ > 0;
  if (within || empty_blocks_ < 2) fail("it ends too early");
}

}  // namespace prism::postgres
