#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/blocks/block_key.hpp>

namespace prism::blocks {

/// The most blocks that a frame has: they are compressed together.
inline constexpr std::size_t kFrameBlocks = 64;

struct PackFrame {
  std::uint32_t stored_bytes = 0;  ///< of a zstd frame in the pack, before it is encrypted
  std::uint32_t blocks = 0;        ///< 1 to kFrameBlocks
};

/// What lies in a pack. As an object it is, numbers with the lowest byte first:
///
///     8  PRISMPX1
///     8  the id of the key of the hashes
///     1  whether the pack is encrypted
///    32  SHA-256 of what is stored of the pack, and 8 its bytes
///     4  number of frames; for each 4 bytes that are stored of it and 1 its blocks
///     4  number of blocks; for each 2 its length and 24 its hash
///    32  SHA-256 of all before
struct PackIndex {
  std::string key_id;  ///< 16 hexadecimal digits
  bool encrypted = false;
  std::string sha256;  ///< of the pack, as it is stored
  std::uint64_t stored_bytes = 0;
  std::vector<PackFrame> frames;
  std::vector<std::uint16_t> lengths;
  std::vector<BlockHash> hashes;
};

PRISM_API std::string to_bytes(const PackIndex& index);

/// Throws Error(bad_data) for what is none: it ends too early or goes on, is not what its own
/// SHA-256 says, frames with other blocks than there are, lengths of none.
PRISM_API PackIndex parse_pack_index(std::string_view bytes);

/// The objects of a pack.
std::string pack_object(const std::string& id, bool encrypted);
std::string index_object(const std::string& id);
inline constexpr const char* kPacks = "blocks/packs/";
inline constexpr const char* kIndexes = "blocks/index/";
inline constexpr std::string_view kEncryptedPack = ".age";

}  // namespace prism::blocks
