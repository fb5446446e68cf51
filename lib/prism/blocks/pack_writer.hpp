#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/blocks/block_map.hpp>
#include <prism/blocks/block_writer.hpp>
#include <prism/blocks/pack_index.hpp>
#include <prism/repository/encrypt.hpp>
#include <prism/repository/hash.hpp>
#include <prism/repository/repository.hpp>

namespace prism::blocks {

/// The blocks of a frame, by what an index says of them.
struct FrameBlocks {
  std::vector<std::uint16_t> lengths;
  std::vector<BlockHash> hashes;
};

/// Writes frames into packs, begun as they are needed, each with its index. Used by one thread at a
/// time.
class PackWriter {
 public:
  PackWriter(repository::Repository& repository, std::string key_id, const WriteOptions& options,
             const Cancel& cancel);

  /// Where the first of its blocks lies: the place of its pack among packs(), and its number.
  Extent add(std::string_view frame, const FrameBlocks& blocks);
  void finish();

  /// Those that are whole, in the order of their making.
  const std::vector<PackRecord>& packs() const { return packs_; }
  std::uint64_t stored_bytes() const { return stored_bytes_; }

 private:
  void begin();
  void end();

  repository::Repository& repository_;
  const WriteOptions& options_;
  const Cancel& cancel_;
  std::vector<PackRecord> packs_;
  std::uint64_t stored_bytes_ = 0;
  std::string id_;  ///< of the one that is open; empty: none is
  std::uint64_t size_ = 0;
  PackIndex index_;
  std::unique_ptr<ByteSink> object_;
  std::unique_ptr<repository::HashSink> hashed_;
  std::unique_ptr<repository::AgeSink> encrypted_;
};

}  // namespace prism::blocks
