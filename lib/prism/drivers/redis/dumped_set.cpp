#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>

#include <prism/drivers/redis/dumped_set.hpp>

namespace prism::redis {
namespace {

constexpr char kTypeSet = 2;
constexpr std::size_t kFooter = 2 + 8;
/// The two highest bits of a length say how it is kept.
constexpr std::uint8_t kLength6 = 0, kLength14 = 1, kEncoded = 3;
constexpr std::uint8_t kLength32 = 0x80;

/// What is left of a dump. Every read is nothing where bytes are missing.
class Bytes {
 public:
  explicit Bytes(std::string_view rest) : rest_(rest) {}

  bool empty() const { return rest_.empty(); }

  template <typename Number>
  std::optional<Number> number() {
    Number value{};
    if (rest_.size() < sizeof value) return {};
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }

  std::optional<std::string_view> text(std::size_t size) {
    if (rest_.size() < size) return {};
    const std::string_view found = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return found;
  }

 private:
  std::string_view rest_;
};

std::optional<std::size_t> rest_of_length(Bytes& bytes, std::uint8_t first) {
  if (first >> 6 == kLength6) return first;
  if (first >> 6 == kLength14) {
    const auto low = bytes.number<std::uint8_t>();
    return low ? std::optional<std::size_t>((first & 0x3fU) << 8 | *low) : std::nullopt;
  }
  if (first != kLength32) return {};
  const auto big_endian = bytes.number<std::uint32_t>();
  return big_endian ? std::optional<std::size_t>(__builtin_bswap32(*big_endian)) : std::nullopt;
}

template <typename Number>
std::optional<Uid> integer(Bytes& bytes) {
  const auto value = bytes.number<Number>();
  return value ? std::optional<Uid>(*value) : std::nullopt;
}

std::optional<Uid> encoded_integer(Bytes& bytes, std::uint8_t width) {
  if (width == 0) return integer<std::int8_t>(bytes);
  if (width == 1) return integer<std::int16_t>(bytes);
  if (width == 2) return integer<std::int32_t>(bytes);
  return {};
}

/// Two texts never stand for the same UID: the server tells "07" from "7".
std::optional<Uid> uid_of(std::string_view text) {
  Uid uid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), uid);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && text.front() != '0' ? std::optional<Uid>(uid) : std::nullopt;
}

std::optional<Uid> read_member(Bytes& bytes) {
  const auto first = bytes.number<std::uint8_t>();
  if (!first) return {};
  if (*first >> 6 == kEncoded) return encoded_integer(bytes, *first & 0x3f);
  const auto size = rest_of_length(bytes, *first);
  if (!size) return {};
  const auto text = bytes.text(*size);
  return text ? uid_of(*text) : std::nullopt;
}

}  // namespace

std::optional<std::vector<Uid>> read_dumped_set(std::string_view dump) {
  if (dump.size() < 2 + kFooter || dump.front() != kTypeSet) return {};
  Bytes bytes(dump.substr(1, dump.size() - 1 - kFooter));
  const auto first = bytes.number<std::uint8_t>();
  const auto count = first ? rest_of_length(bytes, *first) : std::nullopt;
  if (!count) return {};
  std::vector<Uid> members;
  members.reserve(std::min(*count, dump.size()));  // a member takes a byte at least
  while (!bytes.empty()) {
    const auto member = read_member(bytes);
    if (!member) return {};
    members.push_back(*member);
  }
  if (members.size() != *count) return {};
  std::sort(members.begin(), members.end());
  return members;
}

}  // namespace prism::redis
