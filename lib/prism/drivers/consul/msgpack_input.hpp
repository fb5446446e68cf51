#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>

namespace prism::consul {

/// How a value of MessagePack begins, as far as it has no content behind it.
struct MsgpackHead {
  enum class Kind : std::uint8_t { nil, number, text, array, map, other };
  Kind kind = Kind::nil;
  /// Bytes of a text (or binary) and of the others, elements of an array, pairs of a map; of a
  /// number its value, negative ones as their two's complement.
  std::uint64_t size = 0;
};

/// Reads MessagePack (github.com/msgpack/msgpack, spec.md) and the bytes between its values from a
/// stream, with a buffer of its own: nothing is held that isn't asked for. Throws Error(bad_data)
/// for what is cut or no MessagePack.
class PRISM_API MsgpackInput {
 public:
  explicit MsgpackInput(ByteSource& source);

  /// The next byte; nothing at the end.
  std::optional<std::uint8_t> next_byte();

  MsgpackHead head();

  /// Past a whole value, however deep it is.
  void skip_value();
  /// Past what belongs to a head that was read.
  void skip(const MsgpackHead& head);

  /// A text; empty for one that is longer than `limit` and for any other value, which is skipped.
  std::string text(std::size_t limit);
  /// A number, not negative; 0 for any other value, which is skipped.
  std::uint64_t number();

  /// The next `size` bytes, in pieces.
  void pieces(std::uint64_t size, const std::function<void(std::string_view)>& take);

 private:
  bool fill();
  std::uint8_t byte();
  std::uint64_t big_endian(int bytes);

  ByteSource& source_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace prism::consul
