#pragma once

#include <cstdint>
#include <string>

#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>

namespace prism::nats {

/// Undoes S2, the extension of Snappy that snapshots of streams are compressed with: the framing
/// format of Snappy with the stream identifier "S2sTwO", blocks of up to 4 MiB and copies that
/// repeat the last offset (github.com/google/snappy framing_format.txt, github.com/klauspost/
/// compress/s2 README.md). Checks the CRC-32C of every block. Throws Error(bad_data) for all that
/// is no such stream, one that is cut within a chunk included.
class PRISM_API S2Reader : public ByteSource {
 public:
  explicit S2Reader(ByteSource& source) : source_(source) {}

  std::size_t read(std::span<char> into) override;

 private:
  bool next_block();
  bool read_head(std::span<char> head);
  void read_all(std::span<char> into);
  void read_chunk(std::size_t size, std::size_t most);
  void take_identifier(std::size_t size);
  void take_block(std::size_t size, bool is_compressed);

  ByteSource& source_;
  std::string chunk_;
  std::string block_;
  std::size_t at_ = 0;  ///< in the block
  bool begun_ = false;
};

/// One block, without its checksum. Throws Error(bad_data), also for more than `most` bytes.
PRISM_API void unpack_s2_block(std::string_view packed, std::size_t most, std::string& out);

}  // namespace prism::nats
