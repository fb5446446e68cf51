#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/blocks/block_writer.hpp>
#include <prism/blocks/frame_order.hpp>
#include <prism/blocks/map_builder.hpp>
#include <prism/blocks/pack_index.hpp>
#include <prism/repository/encrypt.hpp>
#include <prism/repository/hash.hpp>

namespace prism::blocks {

/// Writes frames to packs as they come, and the index of each pack once it is durable. A pack that
/// is not closed leaves nothing behind. Used by one thread.
class PackWriter {
 public:
  PackWriter(repository::Repository& repository, std::string key_id, const WriteOptions& options,
             const Cancel& cancel);
  ~PackWriter();

  void add(const Frame& frame);
  void close();

  const std::vector<NewPack>& packs() const { return packs_; }
  std::uint64_t new_bytes() const { return new_bytes_; }
  std::uint64_t stored_bytes() const { return stored_bytes_; }

 private:
  class Pack;

  bool has_room(const Frame& frame) const;
  std::string write_index(const PackIndex& index);

  repository::Repository& repository_;
  const std::string key_id_;
  const WriteOptions& options_;
  const Cancel& cancel_;
  std::unique_ptr<Pack> pack_;
  std::vector<NewPack> packs_;
  std::uint64_t new_blocks_ = 0, new_bytes_ = 0, stored_bytes_ = 0;
};

}  // namespace prism::blocks
