#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <prism/base/cancel.hpp>
#include <prism/blocks/block_key.hpp>
#include <prism/blocks/block_map.hpp>
#include <prism/repository/repository.hpp>

namespace prism::blocks {

struct ReaderOptions {
  std::size_t threads = 2;                   ///< packs at a time
  std::filesystem::path identity_file = {};  ///< of age; empty: nothing encrypted can be read
  std::optional<BlockKey> key = {};          ///< to check each block by its hash as well
};

/// Blocks of a stream, by their numbers in it.
struct BlockRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

/// Is given a block of the stream. Called by several threads at a time, in no order. A block that
/// the stream has several times is given as often.
using TakeBlock = std::function<void(std::uint64_t number, std::string_view block)>;

/// Reads the blocks of a stream back, pack by pack, each pack once. Throws Error(bad_data) that
/// names the object for a pack or an index that is not there, is not what the map says it is
/// (SHA-256), has another structure, or whose blocks are not what their hashes say;
/// Error(configuration) where one is encrypted and no identity is given.
class PRISM_API BlockReader {
 public:
  BlockReader(repository::Repository& repository, const BlockMap& map, ReaderOptions options,
              const Cancel& cancel);

  /// `wanted` is in ascending order, without overlaps; only packs with such blocks are read.
  void read(std::span<const BlockRange> wanted, const TakeBlock& take);

  /// All of them.
  void read_all(const TakeBlock& take);

  /// Calls back with the hash of each block of the stream, by the indexes alone, in order of packs.
  /// False where the map's packs are of several keys, or `key` is not theirs: nothing can be said.
  bool hashes(const std::function<void(std::uint64_t number, const BlockHash& hash)>& take);

 private:
  repository::Repository& repository_;
  const BlockMap& map_;
  ReaderOptions options_;
  const Cancel& cancel_;
};

/// The key of the packs of a map. Nothing where they are of several, or it can't be had.
PRISM_API std::optional<BlockKey> find_key_of(repository::Repository& repository,
                                              const BlockMap& map, const KeyOptions& options,
                                              const Cancel& cancel);

/// Reads packs to their ends without an identity: each must be what its record says.
PRISM_API void check_stored_packs(repository::Repository& repository,
                                  std::span<const PackRecord> packs, bool encrypted,
                                  const Cancel& cancel);

}  // namespace prism::blocks
