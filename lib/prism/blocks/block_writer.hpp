#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/blocks/block_key.hpp>
#include <prism/blocks/block_map.hpp>
#include <prism/repository/repository.hpp>

namespace prism::blocks {

struct WriteOptions {
  int level = 3;                                       ///< of zstd
  std::size_t threads = 2;                             ///< that hash and compress
  std::vector<std::string> recipients = {};            ///< of age; none: packs are not encrypted
  std::uint64_t pack_bytes = std::uint64_t{64} << 20;  ///< what is stored of one, at most
  std::filesystem::path scratch_folder = {};  ///< for an index beyond what memory is given; $TMPDIR
  bool reuse = true;  ///< blocks that the repository holds are not stored again
  std::set<std::string> unused_packs = {};  ///< as if they were not there: they may be damaged
};

struct Written {
  BlockMap map;
  std::uint64_t new_blocks = 0;
  std::uint64_t new_bytes = 0;     ///< of these, before compression
  std::uint64_t stored_bytes = 0;  ///< of the packs and indexes that were made
};

/// Stores a stream of blocks in a repository: those that it does not hold yet, in packs
/// (`blocks/packs/<id>`, `.age` behind it where encrypted) each with an index
/// (`blocks/index/<id>`, never encrypted). What was stored when this ends early is no harm: the
/// next run finds it, or prune removes it. Used by one thread; the work is done by others, and
/// memory is bounded. The caller keeps prune away, by the lock of the repository.
class PRISM_API BlockWriter {
 public:
  /// Reads the indexes that are there, of packs that are there as well.
  BlockWriter(repository::Repository& repository, const BlockKey& key, WriteOptions options,
              const Cancel& cancel);
  ~BlockWriter();
  BlockWriter(const BlockWriter&) = delete;
  BlockWriter& operator=(const BlockWriter&) = delete;

  /// The next block of the stream: 1 to kBlockBytes bytes.
  void write(std::string_view block);

  /// The next blocks of the stream are those of an earlier map, from number `first` of its stream.
  /// The map stays as it is until this ends. Throws Error(bad_data) where one of their packs is not
  /// there.
  void refer(const BlockMap& earlier, std::uint64_t first, std::uint64_t count);

  /// Why refer() must not be called for that map, in words: a pack of it is not there as it was, is
  /// not to be used, or its blocks are not known here by the key, so that they may be encrypted for
  /// others than what is written. Empty: it may. For one that reuses.
  std::string trouble_with(const BlockMap& earlier) const;

  /// How many blocks the stream has.
  std::uint64_t size() const;

  /// Indexes that could not be used, for the log: their blocks are stored again.
  const std::vector<std::string>& remarks() const;

  /// Waits until all is stored, durably.
  Written finish();

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace prism::blocks
