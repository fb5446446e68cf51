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
  const auto is_in = [first](unsigned low, unsigned high) { return first >= low && first <= high; };
  const auto power = [first](unsigned low) { return 1 << (first - low); };
  if (first < 0x80) return {Kind::number, first};
  if (first < 0x90) return {Kind::map, first & 0x0FU};
  if (first < 0xA0) return {Kind::array, first & 0x0FU};
  if (first < 0xC0) return {Kind::text, first & 0x1FU};
  if (first == 0xC0 || is_in(0xC2, 0xC3)) return {Kind::nil, 0};  // nil, false, true
  // bin; ext, with a type behind its size; float; uint; int; fixext; str; array; map
  if (is_in(0xC4, 0xC6)) return {Kind::text, big_endian(power(0xC4))};
  if (is_in(0xC7, 0xC9)) return {Kind::other, big_endian(power(0xC7)) + 1};
  if (is_in(0xCA, 0xCB)) return {Kind::other, std::uint64_t{4} << (first - 0xCA)};
  if (is_in(0xCC, 0xCF)) return {Kind::number, big_endian(power(0xCC))};
  if (is_in(0xD0, 0xD3)) return {Kind::number, big_endian(power(0xD0))};
  if (is_in(0xD4, 0xD8)) return {Kind::other, (std::uint64_t{1} << (first - 0xD4)) + 1};
  if (is_in(0xD9, 0xDB)) return {Kind::text, big_endian(power(0xD9))};
  if (is_in(0xDC, 0xDD)) return {Kind::array, big_endian(2 * power(0xDC))};
  if (is_in(0xDE, 0xDF)) return {Kind::map, big_endian(2 * power(0xDE))};
  if (first >= 0xE0) return {Kind::number, ~std::uint64_t{0xFF} | first};
  throw damage("no MessagePack was found where a value was expected");
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
