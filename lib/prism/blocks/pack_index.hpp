#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prism/blocks/block_key.hpp>
#include <prism/blocks/block_map.hpp>
#include <prism/repository/repository.hpp>

namespace prism::blocks {

// A pack is an object `blocks/packs/<id>` of zstd frames (RFC 8878, with checksums), one behind the
// other, so that plain `zstd -d` gives its blocks; or that encrypted by age, `.age` behind its
// name.
//
// Its index is the object `blocks/index/<id>`, written once the pack is durable and never
// encrypted: a host that can't decrypt knows by it what is there. Numbers have their lowest byte
// first:
//
//    8  PRISMPI1
//   16  id of the pack
//    1  1: the pack is encrypted; 0: it is not
//    8  id of the key of the hashes
//    8  bytes that are stored of the pack
//   32  SHA-256 of these
//    4  number of frames, F
//    4  number of blocks, B
//   6F  of each frame: its compressed bytes (4), the number of its blocks (2)
//   2B  of each block: its bytes
//  24B  of each block: its hash
//   32  SHA-256 of all before

inline constexpr const char* kPacks = "blocks/packs/";
inline constexpr const char* kIndexes = "blocks/index/";
inline constexpr std::string_view kEncrypted = ".age";

inline constexpr std::size_t kFrameBlocks = 64;
/// An index is read as a whole: 1.7 MB.
inline constexpr std::size_t kPackBlocks = 65536;

struct FrameRecord {
  std::uint32_t stored_bytes = 0;  ///< compressed, and before they are encrypted
  std::uint16_t blocks = 0;

  bool operator==(const FrameRecord&) const = default;
};

struct PackIndex {
  std::string pack;    ///< its id
  std::string key_id;  ///< see BlockKey::id()
  bool encrypted = false;
  std::uint64_t stored_bytes = 0;
  std::string sha256;
  std::vector<FrameRecord> frames;
  std::vector<std::uint16_t> lengths;  ///< of the blocks
  std::vector<BlockHash> hashes;       ///< as many

  bool operator==(const PackIndex&) const = default;
};

/// Whether packs may be called so: 32 hexadecimal digits.
PRISM_API bool is_pack_id(std::string_view id);
std::string new_pack_id();

std::string pack_name(const std::string& id, bool encrypted);
struct PackName {
  std::string id;
  bool encrypted = false;
};
/// Nothing for an object that is no pack.
std::optional<PackName> parse_pack_name(std::string_view name);
std::string index_name(const std::string& id);

PRISM_API std::string write_pack_index(const PackIndex& index);

/// Throws Error(bad_data) for what is none, is not whole, or contradicts itself.
PRISM_API PackIndex read_pack_index(std::string_view bytes);

/// Reads the object. Throws Error(bad_data) that names it for one that is not there or not as
/// `sha256` says, or whose pack is another. `sha256`: empty becomes what it is.
PackIndex fetch_pack_index(repository::Repository& repository, const std::string& id,
                           std::string& sha256);

}  // namespace prism::blocks
