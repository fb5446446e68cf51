#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

#include <prism/drivers/redis/checksum.hpp>
#include <prism/drivers/redis/payload.hpp>

namespace prism::redis {
namespace {

constexpr char kTypeIntset = 11;
constexpr char kTypeQuicklist2 = 18;
constexpr char kPacked = 2;  ///< a quicklist's node is a listpack
constexpr std::size_t kFooter = 2 + 8;
constexpr std::uint16_t kRdbVersion = 10;

constexpr std::size_t kIntsetHeader = 8;
constexpr std::size_t kListpackHeader = 6;
constexpr std::size_t kNodeLimit = 8192;
constexpr std::size_t kMostMembers = std::numeric_limits<std::uint16_t>::max();

template <typename Number>
char* store(char* at, Number number) {
  std::memcpy(at, &number, sizeof number);
  return at + sizeof number;
}

/// A length of an RDB file: 6 or 14 bits, else 32 or 64 in big-endian order.
std::size_t length_size(std::size_t length) {
  if (length < 64) return 1;
  if (length < 16384) return 2;
  return length <= std::numeric_limits<std::uint32_t>::max() ? 5 : 9;
}

char* store_length(char* at, std::size_t length) {
  const auto low = static_cast<std::uint32_t>(length);
  switch (length_size(length)) {
    case 1:
      return store(at, static_cast<std::uint8_t>(length));
    case 2:
      return store(at, static_cast<std::uint16_t>(
                           __builtin_bswap16(static_cast<std::uint16_t>(0x4000 | length))));
    case 5:
      return store(store(at, std::uint8_t{0x80}), __builtin_bswap32(low));
    default:
      return store(store(at, std::uint8_t{0x81}), __builtin_bswap64(length));
  }
}

/// Bytes of an intset's members: the greatest is the last.
std::size_t width_of(std::span<const Uid> members) {
  const Uid greatest = members.back();
  if (greatest <= std::numeric_limits<std::int16_t>::max()) return 2;
  return greatest <= std::numeric_limits<std::int32_t>::max() ? 4 : 8;
}

template <typename Number>
char* store_all(char* at, std::span<const Uid> members) {
  for (const Uid member : members) at = store(at, static_cast<Number>(member));
  return at;
}

/// Bytes of a listpack's element, with its own length behind it (1 byte).
std::size_t element_size(Uid member) {
  if (member < 128) return 2;
  if (member < 4096) return 3;
  if (member < 32768) return 4;
  if (member < (1 << 23)) return 5;
  return member <= std::numeric_limits<std::int32_t>::max() ? 6 : 10;
}

char* store_element(char* at, Uid member) {
  const std::size_t size = element_size(member);
  const auto value = static_cast<std::uint64_t>(member);
  switch (size) {
    case 2:
      at = store(at, static_cast<std::uint8_t>(value));
      break;
    case 3:
      at = store(at, static_cast<std::uint8_t>(0xc0 | (value >> 8)));
      at = store(at, static_cast<std::uint8_t>(value));
      break;
    default:
      // 0xf1 to 0xf4: 16, 24, 32 and 64 bits. Eight bytes fit: more follow in the payload.
      at = store(at, static_cast<std::uint8_t>(size == 10 ? 0xf4 : 0xf1 + (size - 4)));
      std::memcpy(at, &value, sizeof value);
      at += size - 2;
  }
  return store(at, static_cast<std::uint8_t>(size - 1));
}

void append_footer(char* begin, char* at) {
  at = store(at, kRdbVersion);
  store(at, crc64({begin, static_cast<std::size_t>(at - begin)}));
}

/// Grows `out` without writing what is overwritten at once.
char* grow(std::string& out, std::size_t size) {
  const std::size_t before = out.size();
  out.resize(before + size);
  return out.data() + before;
}

std::size_t intset_bytes(std::span<const Uid> members) {
  return kIntsetHeader + members.size() * width_of(members);
}

}  // namespace

std::size_t PayloadWriter::set_size(std::span<const Uid> members) {
  const std::size_t bytes = intset_bytes(members);
  return 1 + length_size(bytes) + bytes + kFooter;
}

void PayloadWriter::append_set(std::string& out, std::span<const Uid> members) {
  const std::size_t width = width_of(members);
  char* const begin = grow(out, set_size(members));
  char* at = store(begin, kTypeIntset);
  at = store_length(at, intset_bytes(members));
  at = store(at, static_cast<std::uint32_t>(width));
  at = store(at, static_cast<std::uint32_t>(members.size()));
  if (width == 2) {
    at = store_all<std::int16_t>(at, members);
  } else {
    at = width == 4 ? store_all<std::int32_t>(at, members) : store_all<std::int64_t>(at, members);
  }
  append_footer(begin, at);
}

std::size_t PayloadWriter::plan_list(std::span<const Uid> members) {
  nodes_.clear();
  Node node{0, kListpackHeader + 1};
  for (const Uid member : members) {
    const std::size_t size = element_size(member);
    if (node.bytes + size > kNodeLimit || node.members == kMostMembers) {
      nodes_.push_back(node);
      node = {0, kListpackHeader + 1};
    }
    ++node.members;
    node.bytes += size;
  }
  nodes_.push_back(node);
  std::size_t size = 1 + length_size(nodes_.size()) + kFooter;
  for (const Node& one : nodes_) size += 1 + length_size(one.bytes) + one.bytes;
  return size;
}

void PayloadWriter::append_list(std::string& out, std::span<const Uid> members) const {
  std::size_t size = 1 + length_size(nodes_.size()) + kFooter;
  for (const Node& one : nodes_) size += 1 + length_size(one.bytes) + one.bytes;
  char* const begin = grow(out, size);
  char* at = store_length(store(begin, kTypeQuicklist2), nodes_.size());
  auto member = members.begin();
  for (const Node& node : nodes_) {
    at = store_length(store(at, kPacked), node.bytes);
    at = store(at, static_cast<std::uint32_t>(node.bytes));
    at = store(at, static_cast<std::uint16_t>(node.members));
    for (const auto end = member + static_cast<std::ptrdiff_t>(node.members); member != end;) {
      at = store_element(at, *member++);
    }
    at = store(at, std::uint8_t{0xff});
  }
  append_footer(begin, at);
}

}  // namespace prism::redis
