#include <algorithm>
#include <array>
#include <cstring>

#include <isa-l/crc.h>

#include <prism/base/error.hpp>
#include <prism/drivers/nats/s2_reader.hpp>

namespace prism::nats {
namespace {

constexpr std::size_t kMostOfBlock = std::size_t{4} << 20;
/// What does not get smaller is stored as it is, so a block that is packed is no larger.
constexpr std::size_t kMostOfChunk = kMostOfBlock + 64;
constexpr std::size_t kMostSkipped = (std::size_t{1} << 24) - 1;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::bad_data, "S2: " + what);
}

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    number = number << 8 | static_cast<unsigned char>(bytes[i - 1]);
  }
  return number;
}

/// CRC-32C, masked as section 3 of the framing format says.
std::uint32_t checksum(std::string& bytes) {
  constexpr std::uint32_t kOnes = 0xFFFFFFFF;
  auto* const data = reinterpret_cast<unsigned char*>(bytes.data());
  const std::uint32_t crc = ~crc32_iscsi(data, static_cast<int>(bytes.size()), kOnes);
  return (crc >> 15 | crc << 17) + 0xA282EAD8;
}

/// The elements of one block (format_description.txt of Snappy, README.md of s2).
class Unpacker {
 public:
  Unpacker(std::string_view packed, std::size_t most, std::string& out)
      : packed_(packed), out_(out) {
    const std::uint64_t size = length();
    if (size > most) refuse("a block of more than 4 MiB");
    out_.resize(size);
  }

  void unpack() {
    while (!packed_.empty()) {
      const auto tag = static_cast<unsigned char>(take(1)[0]);
      switch (tag & 3) {
        case 0:
          literal(tag >> 2);
          break;
        case 1:
          short_copy(tag);
          break;
        case 2:
          copy(little_endian(take(2)), 1 + (tag >> 2));
          break;
        default:
          copy(little_endian(take(4)), 1 + (tag >> 2));
      }
    }
    if (at_ != out_.size()) refuse("a block is shorter than it says");
  }

 private:
  std::string_view take(std::size_t size) {
    if (size > packed_.size()) refuse("a block ends within an element");
    const std::string_view taken = packed_.substr(0, size);
    packed_.remove_prefix(size);
    return taken;
  }

  std::uint64_t length() {
    std::uint64_t number = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      number |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return number;
    }
    refuse("a block has no length");
  }

  void literal(std::size_t size) {
    if (size >= 60) size = little_endian(take(size - 59));
    const std::string_view bytes = take(size + 1);
    require_room(bytes.size());
    std::memcpy(out_.data() + at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

  /// An offset of 0 stands for the one before; the length then has more forms.
  void short_copy(unsigned tag) {
    const std::uint32_t offset = (tag & 0xE0U) << 3 | static_cast<unsigned char>(take(1)[0]);
    std::size_t size = tag >> 2 & 7;
    if (offset != 0) return copy(offset, size + 4);
    if (size == 5) {
      size = little_endian(take(1)) + 4;
    } else if (size == 6) {
      size = little_endian(take(2)) + (1U << 8);
    } else if (size == 7) {
      size = little_endian(take(3)) + (1U << 16);
    }
    copy(offset_, size + 4);
  }

  void copy(std::uint32_t offset, std::size_t size) {
    if (offset == 0 || offset > at_) refuse("a copy of what is before the block");
    require_room(size);
    offset_ = offset;
    char* const to = out_.data() + at_;
    if (offset >= size) {
      std::memcpy(to, to - offset, size);
    } else {
      // Of what this copy itself writes.
      const char* const from = to - offset;
      for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
    }
    at_ += size;
  }

  void require_room(std::size_t size) const {
    if (size > out_.size() - at_) refuse("a block is longer than it says");
  }

  std::string_view packed_;
  std::string& out_;
  std::size_t at_ = 0;
  std::uint32_t offset_ = 0;
};

}  // namespace

void unpack_s2_block(std::string_view packed, std::size_t most, std::string& out) {
  Unpacker(packed, most, out).unpack();
}

std::size_t S2Reader::read(std::span<char> into) {
  while (at_ == block_.size()) {
    if (!next_block()) return 0;
  }
  const std::size_t size = block_.copy(into.data(), into.size(), at_);
  at_ += size;
  return size;
}

/// One chunk, which need not be a block.
bool S2Reader::next_block() {
  std::array<char, 4> head{};
  if (!read_head(head)) {
    if (!begun_) refuse("there is nothing");
    return false;
  }
  const auto type = static_cast<unsigned char>(head[0]);
  const std::size_t size = little_endian({&head[1], 3});
  if (!begun_ && type != 0xFF) refuse("it does not begin with the name of its format");
  block_.clear();
  at_ = 0;
  if (type == 0xFF) {
    take_identifier(size);
  } else if (type <= 1) {
    take_block(size, type == 0);
  } else if (type >= 0x80) {
    read_chunk(size, kMostSkipped);
  } else {
    refuse("a chunk of an unknown type");
  }
  return true;
}

/// False at the end.
bool S2Reader::read_head(std::span<char> head) {
  const std::size_t size = source_.read(head);
  if (size == 0) return false;
  read_all(head.subspan(size));
  return true;
}

void S2Reader::read_all(std::span<char> into) {
  while (!into.empty()) {
    const std::size_t size = source_.read(into);
    if (size == 0) refuse("it ends within a chunk");
    into = into.subspan(size);
  }
}

void S2Reader::read_chunk(std::size_t size, std::size_t most) {
  if (size > most) refuse("a chunk that is larger than any block");
  chunk_.resize(size);
  read_all(chunk_);
}

void S2Reader::take_identifier(std::size_t size) {
  read_chunk(size, 6);
  if (chunk_ != "S2sTwO" && chunk_ != "sNaPpY") refuse("it is of another format");
  begun_ = true;
}

void S2Reader::take_block(std::size_t size, bool is_compressed) {
  constexpr std::size_t kSum = 4;
  read_chunk(size, kMostOfChunk);
  if (size < kSum) refuse("a chunk has no checksum");
  const std::uint32_t expected = little_endian({chunk_.data(), kSum});
  const std::string_view packed = std::string_view(chunk_).substr(kSum);
  if (is_compressed) {
    unpack_s2_block(packed, kMostOfBlock, block_);
  } else {
    if (packed.size() > kMostOfBlock) refuse("a block of more than 4 MiB");
    block_ = packed;
  }
  if (checksum(block_) != expected) refuse("the checksum of a block does not fit");
}

}  // namespace prism::nats
