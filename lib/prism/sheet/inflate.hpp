#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <prism/sheet/bytes.hpp>

struct inflate_state;

namespace prism::sheet {

/// Unpacks a raw deflate stream (RFC 1951) piece by piece, by ISA-L.
class Inflater {
 public:
  Inflater();

  /// The next piece of the packed bytes. It must live until it is used up.
  void feed(Bytes packed);
  bool used_up() const;

  /// Fills the front of `out` and returns how many bytes that were: fewer where the fed bytes are
  /// used up or the stream has ended. Throws Damage for what is no deflate stream.
  std::size_t inflate(std::span<char> out);

  /// Whether the stream's last block has been unpacked.
  bool finished() const;

 private:
  struct Free {
    void operator()(inflate_state* state) const;
  };

  std::unique_ptr<inflate_state, Free> state_;
};

/// Goes on with the CRC-32 of a zip archive's parts; that of nothing is 0.
std::uint32_t update_crc32(std::uint32_t crc, std::span<const char> bytes);

}  // namespace prism::sheet
