#include <algorithm>

#include <prism/base/error.hpp>
#include <prism/drivers/consul/msgpack_input.hpp>

namespace prism::consul {
namespace {

using Kind = MsgpackHead::Kind;

constexpr std::size_t kPiece = std::size_t{64} * 1024;

Error damage(const char* what) {
  return {ErrorCode::bad_data, std::string("Consul snapshot: state.bin: ") + what};
}

}  // namespace

MsgpackInput::MsgpackInput(ByteSource& source) : source_(source), buffer_(kPiece) {}

bool MsgpackInput::fill() {
  begin_ = 0;
  end_ = source_.read(buffer_);
  return end_ > 0;
}

std::optional<std::uint8_t> MsgpackInput::next_byte() {
  if (begin_ == end_ && !fill()) return std::nullopt;
  return static_cast<std::uint8_t>(buffer_[begin_++]);
}

std::uint8_t MsgpackInput::byte() {
  const auto found = next_byte();
  if (!found) throw damage("ends within a value");
  return *found;
}

std::uint64_t MsgpackInput::big_endian(int bytes) {
  std::uint64_t number = 0;
  for (int i = 0; i < bytes; ++i) number = number << 8 | byte();
  return number;
}

MsgpackHead MsgpackInput::head() {
  const std::uint8_t first = byte();
  if (first < 0x80) return {Kind::number, first};
  if (first < 0x90) return {Kind::map, first & 0x0FU};
  if (first < 0xA0) return {Kind::array, first & 0x0FU};
  if (first < 0xC0) return {Kind::text, first & 0x1FU};
  if (first >= 0xE0) return {Kind::number, ~std::uint64_t{0xFF} | first};
  switch (first) {
    case 0xC0:
    case 0xC2:
    case 0xC3:
      return {Kind::nil, 0};
    case 0xC4:  // bin 8, 16, 32
    case 0xC5:
    case 0xC6:
      return {Kind::text, big_endian(1 << (first - 0xC4))};
    case 0xC7:  // ext 8, 16, 32: a type behind the size
    case 0xC8:
    case 0xC9:
      return {Kind::other, big_endian(1 << (first - 0xC7)) + 1};
    case 0xCA:  // float 32, 64
    case 0xCB:
      return {Kind::other, std::uint64_t{4} << (first - 0xCA)};
    case 0xCC:  // uint 8, 16, 32, 64
    case 0xCD:
    case 0xCE:
    case 0xCF:
      return {Kind::number, big_endian(1 << (first - 0xCC))};
    case 0xD0:  // int 8, 16, 32, 64
    case 0xD1:
    case 0xD2:
    case 0xD3:
      return {Kind::number, big_endian(1 << (first - 0xD0))};
    case 0xD4:  // fixext 1, 2, 4, 8, 16
    case 0xD5:
    case 0xD6:
    case 0xD7:
    case 0xD8:
      return {Kind::other, (std::uint64_t{1} << (first - 0xD4)) + 1};
    case 0xD9:  // str 8, 16, 32
    case 0xDA:
    case 0xDB:
      return {Kind::text, big_endian(1 << (first - 0xD9))};
    case 0xDC:  // array 16, 32
    case 0xDD:
      return {Kind::array, big_endian(2 << (first - 0xDC))};
    case 0xDE:  // map 16, 32
    case 0xDF:
      return {Kind::map, big_endian(2 << (first - 0xDE))};
    default:
      throw damage("no MessagePack was found where a value was expected");
  }
}

void MsgpackInput::skip_value() { skip(head()); }

void MsgpackInput::skip(const MsgpackHead& head) {
  // An element takes a byte at least, so this is more than there can be.
  constexpr std::uint64_t kMost = std::uint64_t{1} << 48;
  std::uint64_t values = 0;
  MsgpackHead one = head;
  for (;;) {
    if (one.kind == Kind::text || one.kind == Kind::other) pieces(one.size, nullptr);
    if (one.kind == Kind::array) values += one.size;
    if (one.kind == Kind::map) values += 2 * one.size;
    if (values > kMost) throw damage("a list is longer than any can be");
    if (values == 0) return;
    --values;
    one = this->head();
  }
}

std::string MsgpackInput::text(std::size_t limit) {
  const MsgpackHead found = head();
  std::string text;
  if (found.kind == Kind::text && found.size <= limit) {
    pieces(found.size, [&](std::string_view piece) { text += piece; });
  } else {
    skip(found);
  }
  return text;
}

std::uint64_t MsgpackInput::number() {
  const MsgpackHead found = head();
  skip(found);
  return found.kind == Kind::number ? found.size : 0;
}

void MsgpackInput::pieces(std::uint64_t size, const std::function<void(std::string_view)>& take) {
  while (size > 0) {
    if (begin_ == end_ && !fill()) throw damage("ends within a value");
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(size, end_ - begin_));
    if (take) take({buffer_.data() + begin_, part});
    begin_ += part;
    size -= part;
  }
}

}  // namespace prism::consul
