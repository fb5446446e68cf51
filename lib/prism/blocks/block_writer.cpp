#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include <prism/base/error.hpp>
#include <prism/blocks/block_writer.hpp>
#include <prism/blocks/frame_crew.hpp>
#include <prism/blocks/known_blocks.hpp>
#include <prism/blocks/load_index.hpp>
#include <prism/blocks/pack_writer.hpp>

namespace prism::blocks {
namespace {

/// Places in frames of this run have this bit, and the number of the frame: in which pack that is
/// known only once it is compressed.
constexpr std::uint32_t kNew = 1U << 31U;

/// Joins what lies together.
void add_run(std::vector<Extent>& extents, const Extent& more) {
  if (!extents.empty()) {
    Extent& last = extents.back();
    if (last.pack == more.pack && last.first + last.count == more.first) {
      last.count += more.count;
      return;
    }
  }
  extents.push_back(more);
}

}  // namespace

class BlockWriter::Work {
 public:
  Work(repository::Repository& repository, const BlockKey& key, WriteOptions options,
       const Cancel& cancel)
      : options_(std::move(options)),
        cancel_(cancel),
        known_(options_.scratch_folder),
        packs_(repository, key.id(), options_, cancel),
        crew_(options_.threads, options_.level, key,
              [this](Batch batch) { sort_out(std::move(batch)); },
              [this](std::string_view stored, const FrameBlocks& blocks) {
                frames_.push_back(packs_.add(stored, blocks));
              }) {
    if (options_.reuse) load(repository, key.id());
  }

  void write(std::string_view block) {
    if (block.empty() || block.size() > kBlockBytes) {
      throw Error(ErrorCode::internal, "a block has no such length");
    }
    if (!batch_.known.empty()) give_batch();
    if (batch_.bytes.capacity() == 0) batch_.bytes.reserve(kFrameBlocks * kBlockBytes);
    batch_.bytes += block;
    batch_.blocks.lengths.push_back(static_cast<std::uint16_t>(block.size()));
    ++size_;
    if (batch_.size() == kFrameBlocks) give_batch();
  }

  void refer(const BlockMap& earlier, std::uint64_t first, std::uint64_t count) {
    if (batch_.size() > 0) give_batch();
    if (earlier_ != &earlier || first < at_) {
      earlier_ = &earlier;
      at_ = next_ = 0;
    }
    size_ += count;
    for (; count > 0; ++next_) {
      if (next_ == earlier.extents.size()) {
        throw Error(ErrorCode::internal, "an earlier map has no such blocks");
      }
      const Extent& extent = earlier.extents[next_];
      const std::uint64_t skipped = first - at_;
      if (skipped < extent.count) {
        const std::uint64_t some = std::min<std::uint64_t>(extent.count - skipped, count);
        add_run(batch_.known, {pack_of(earlier.packs[extent.pack]),
                               static_cast<std::uint32_t>(extent.first + skipped),
                               static_cast<std::uint32_t>(some)});
        first += some;
        count -= some;
        // The rest of it may be asked for next.
        if (count == 0) return;
      }
      at_ += extent.count;
    }
  }

  std::uint64_t size() const { return size_; }

  Written finish() {
    give_batch();
    crew_.drain();
    if (frame_.size() > 0) crew_.compress(std::exchange(frame_, {}));
    crew_.drain();
    packs_.finish();
    Written written;
    written.new_blocks = new_blocks_;
    written.new_bytes = new_bytes_;
    written.stored_bytes = packs_.stored_bytes();
    written.map = final_map();
    return written;
  }

 private:
  void load(repository::Repository& repository, const std::string& key_id) {
    const bool encrypted = !options_.recipients.empty();
    load_indexes(repository, key_id, encrypted, cancel_,
                 [&](const PackRecord& record, const PackIndex& index) {
                   const std::uint32_t pack = pack_of(record);
                   for (std::size_t i = 0; i < index.hashes.size(); ++i) {
                     known_.find_or_add(index.hashes[i], {pack, static_cast<std::uint32_t>(i)});
                   }
                 });
  }

  /// Its number among those that were there before this run.
  std::uint32_t pack_of(const PackRecord& record) {
    const auto [found, is_new] =
        numbers_.try_emplace(record.id, static_cast<std::uint32_t>(old_packs_.size()));
    if (is_new) old_packs_.push_back(record);
    return found->second;
  }

  void give_batch() {
    cancel_.check();
    if (batch_.size() > 0 || !batch_.known.empty()) crew_.hash(std::exchange(batch_, {}));
  }

  /// In the order of the stream. Where all of a batch is new it is a frame as it is.
  void sort_out(Batch batch) {
    for (const Extent& extent : batch.known) add_run(extents_, extent);
    std::vector<bool> is_new(batch.size());
    std::size_t count = 0;
    const bool is_frame = frame_.size() == 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto place = static_cast<std::uint32_t>(frame_.size() + count);
      // A frame that is full goes on in the next one.
      const BlockPlace next{kNew | static_cast<std::uint32_t>(frame_number_ + place / kFrameBlocks),
                            static_cast<std::uint32_t>(place % kFrameBlocks)};
      const auto found = known_.find_or_add(batch.blocks.hashes[i], next);
      const BlockPlace at = found.value_or(next);
      add_run(extents_, {at.pack, at.number, 1});
      if (found) continue;
      is_new[i] = true;
      ++count;
      new_bytes_ += batch.blocks.lengths[i];
    }
    new_blocks_ += count;
    if (count == batch.size() && is_frame && count == kFrameBlocks) return give_frame(batch);
    if (count > 0) collect(batch, is_new);
  }

  void collect(const Batch& batch, const std::vector<bool>& is_new) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::uint16_t length = batch.blocks.lengths[i];
      if (is_new[i]) {
        frame_.bytes.append(batch.bytes, at, length);
        frame_.blocks.lengths.push_back(length);
        frame_.blocks.hashes.push_back(batch.blocks.hashes[i]);
        if (frame_.size() == kFrameBlocks) give_frame(frame_);
      }
      at += length;
    }
  }

  void give_frame(Batch& frame) {
    ++frame_number_;
    crew_.compress(std::exchange(frame, {}));
  }

  /// With the packs that it has blocks in, in the order of their first.
  BlockMap final_map() const {
    BlockMap map;
    std::unordered_map<std::uint64_t, std::uint32_t> places;
    for (const Extent& extent : extents_) {
      const bool is_new = (extent.pack & kNew) != 0;
      const Extent place =
          is_new ? frames_.at(extent.pack & ~kNew) : Extent{extent.pack, 0, extent.count};
      const std::uint64_t pack = std::uint64_t{is_new} << 32U | place.pack;
      const auto [found, first] = places.try_emplace(pack, map.packs.size());
      if (first) map.packs.push_back(is_new ? packs_.packs()[place.pack] : old_packs_[place.pack]);
      add_run(map.extents, {found->second, place.first + extent.first, extent.count});
    }
    return map;
  }

  const WriteOptions options_;
  const Cancel& cancel_;
  KnownBlocks known_;
  std::vector<PackRecord> old_packs_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  PackWriter packs_;
  std::vector<Extent> extents_, frames_;
  Batch batch_;  ///< that the caller fills
  Batch frame_;  ///< of new blocks from several batches
  std::uint32_t frame_number_ = 0;
  const BlockMap* earlier_ = nullptr;
  std::uint64_t at_ = 0;   ///< the block with which the next of its extents begins
  std::size_t next_ = 0;
  std::uint64_t size_ = 0, new_blocks_ = 0, new_bytes_ = 0;
  FrameCrew crew_;  ///< ends before all that it uses
};

BlockWriter::BlockWriter(repository::Repository& repository, const BlockKey& key,
                         WriteOptions options, const Cancel& cancel)
    : work_(std::make_unique<Work>(repository, key, std::move(options), cancel)) {}

BlockWriter::~BlockWriter() = default;

void BlockWriter::write(std::string_view block) { work_->write(block); }

void BlockWriter::refer(const BlockMap& earlier, std::uint64_t first, std::uint64_t count) {
  work_->refer(earlier, first, count);
}

std::uint64_t BlockWriter::size() const { return work_->size(); }

Written BlockWriter::finish() { return work_->finish(); }

}  // namespace prism::blocks
