#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>

namespace prism::blocks {

/// The most bytes that a block has: a page of PostgreSQL's, so that what is stored of a change is
/// the page that changed.
inline constexpr std::size_t kBlockBytes = 8192;

/// A pack, as those who need its blocks know it.
struct PackRecord {
  std::string id;                  ///< 32 hexadecimal digits
  std::uint64_t stored_bytes = 0;  ///< of the object
  std::string sha256;              ///< of what is stored of it
  std::string index_sha256;        ///< of its index object

  bool operator==(const PackRecord&) const = default;
};

/// A run of blocks, one behind the other in a pack.
struct Extent {
  std::uint32_t pack = 0;   ///< its place in BlockMap::packs
  std::uint32_t first = 0;  ///< the number of the first of them in the pack
  std::uint32_t count = 0;

  bool operator==(const Extent&) const = default;
};

/// Where the blocks of a stream lie, in their order. Each is whole, so no chain of backups is
/// followed to read it.
struct BlockMap {
  std::vector<PackRecord> packs;  ///< those of which there are blocks in it
  std::vector<Extent> extents;

  PRISM_API std::uint64_t block_count() const;
  bool operator==(const BlockMap&) const = default;
};

/// Its form: see block_map.cpp. About five bytes an extent.
PRISM_API void write_block_map(const BlockMap& map, ByteSink& sink);

/// Throws Error(bad_data) for what is none: a pack that is not there, counts beyond its bounds, an
/// unknown version, something behind its end.
PRISM_API BlockMap read_block_map(ByteSource& source);

}  // namespace prism::blocks
