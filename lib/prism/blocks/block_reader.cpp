#include <algorithm>
#include <numeric>
#include <utility>

#include <prism/base/error.hpp>
#include <prism/base/parallel.hpp>
#include <prism/blocks/block_reader.hpp>
#include <prism/blocks/frame_codec.hpp>
#include <prism/blocks/pack_index.hpp>
#include <prism/blocks/pack_reader.hpp>

namespace prism::blocks {
namespace {

using repository::Repository;

/// A part of an extent that is wanted.
struct Piece {
  std::uint32_t pack = 0;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint64_t number = 0;  ///< of the first in the stream

  bool operator<(const Piece& other) const {
    return std::pair(pack, first) < std::pair(other.pack, other.first);
  }
};

/// In order of packs, and of the blocks in them.
std::vector<Piece> pieces_of(const BlockMap& map, std::span<const BlockRange> wanted) {
  std::vector<Piece> pieces;
  std::uint64_t start = 0;
  auto range = wanted.begin();
  for (const Extent& extent : map.extents) {
    const std::uint64_t end = start + extent.count;
    while (range != wanted.end() && range->first + range->count <= start) ++range;
    for (auto at = range; at != wanted.end() && at->first < end; ++at) {
      const std::uint64_t from = std::max(at->first, start);
      const std::uint64_t to = std::min(at->first + at->count, end);
      if (from == to) continue;
      pieces.push_back({extent.pack, extent.first + static_cast<std::uint32_t>(from - start),
                        static_cast<std::uint32_t>(to - from), from});
    }
    start = end;
  }
  std::sort(pieces.begin(), pieces.end());
  return pieces;
}

/// Those of each pack.
std::vector<std::span<const Piece>> by_pack(const std::vector<Piece>& pieces) {
  std::vector<std::span<const Piece>> packs;
  for (auto first = pieces.begin(); first != pieces.end();) {
    const auto end = std::find_if(first, pieces.end(),
                                  [&](const Piece& piece) { return piece.pack != first->pack; });
    packs.emplace_back(first, end);
    first = end;
  }
  return packs;
}

PackIndex index_of(Repository& repository, const PackRecord& pack) {
  std::string sha256 = pack.index_sha256;
  PackIndex index = fetch_pack_index(repository, pack.id, sha256);
  if (index.sha256 == pack.sha256 && index.stored_bytes == pack.stored_bytes) return index;
  throw Error(ErrorCode::bad_data, index_name(pack.id) + ": another pack's than was noted");
}

void require_inside(const Piece& piece, const PackIndex& index) {
  if (std::uint64_t{piece.first} + piece.count <= index.lengths.size()) return;
  throw Error(ErrorCode::bad_data,
              index_name(index.pack) + ": the pack has fewer blocks than are wanted");
}

/// Gives the blocks of one pack.
class PackRun {
 public:
  PackRun(const PackIndex& index, const ReaderOptions& options, const TakeBlock& take)
      : index_(index), take_(take), name_(pack_name(index.pack, index.encrypted)) {
    if (options.key && options.key->id() == index.key_id) hasher_.emplace(*options.key);
  }

  void read(PackReader& reader, std::span<const Piece> pieces, const Cancel& cancel) {
    split(pieces);
    for (const FrameRecord& frame : index_.frames) {
      cancel.check();
      const std::string_view bytes = reader.next_frame(frame.stored_bytes);
      if (next_ < wanted_.size() && wanted_[next_].block < begin_ + frame.blocks) {
        take_frame(frame, bytes);
      }
      begin_ += frame.blocks;
    }
    reader.finish();
  }

 private:
  struct Wanted {
    std::uint32_t block;  ///< in the pack
    std::uint64_t number;
  };

  /// At most as many as are wanted of one pack.
  void split(std::span<const Piece> pieces) {
    for (const Piece& piece : pieces) {
      require_inside(piece, index_);
      for (std::uint32_t i = 0; i < piece.count; ++i) {
        wanted_.push_back({piece.first + i, piece.number + i});
      }
    }
    std::stable_sort(wanted_.begin(), wanted_.end(),
                     [](const Wanted& a, const Wanted& b) { return a.block < b.block; });
  }

  void take_frame(const FrameRecord& frame, std::string_view bytes) {
    const auto lengths = std::span(index_.lengths).subspan(begin_, frame.blocks);
    const std::string_view raw =
        decompressed(bytes, std::accumulate(lengths.begin(), lengths.end(), std::size_t{0}));
    std::size_t at = 0;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      take_block(begin_ + i, raw.substr(at, lengths[i]));
      at += lengths[i];
    }
  }

  std::string_view decompressed(std::string_view bytes, std::size_t size) {
    try {
      return decompressor_.decompress(bytes, size);
    } catch (const Error& e) {
      throw Error(e.code(), name_ + ": " + e.what());
    }
  }

  void take_block(std::size_t block, std::string_view bytes) {
    if (next_ == wanted_.size() || wanted_[next_].block != block) return;
    if (hasher_ && hasher_->hash(bytes) != index_.hashes[block]) {
      throw Error(ErrorCode::bad_data, name_ + ": a block is not what its hash says");
    }
    for (; next_ < wanted_.size() && wanted_[next_].block == block; ++next_) {
      take_(wanted_[next_].number, bytes);
    }
  }

  const PackIndex& index_;
  const TakeBlock& take_;
  const std::string name_;
  std::optional<BlockHasher> hasher_;
  FrameDecompressor decompressor_;
  std::vector<Wanted> wanted_;
  std::size_t next_ = 0;   ///< of them
  std::size_t begin_ = 0;  ///< the first block of the frame
};

/// Who looks for damage is told what helps against it.
void with_remedy(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& e) {
    if (e.code() != ErrorCode::bad_data) throw;
    throw Error(e.code(), e.what(),
                (e.hint().empty() ? "" : e.hint() + "; ") +
                    "prismctl backup --type full stores all blocks anew");
  }
}

}  // namespace

BlockReader::BlockReader(Repository& repository, const BlockMap& map, ReaderOptions options,
                         const Cancel& cancel)
    : repository_(repository), map_(map), options_(std::move(options)), cancel_(cancel) {}

void BlockReader::read(std::span<const BlockRange> wanted, const TakeBlock& take) {
  const std::vector<Piece> pieces = pieces_of(map_, wanted);
  const auto packs = by_pack(pieces);
  run_parallel(packs.size(), options_.threads, [&](std::size_t i) {
    cancel_.check();
    const PackRecord& pack = map_.packs.at(packs[i].front().pack);
    const PackIndex index = index_of(repository_, pack);
    PackReader reader(repository_, pack, index.encrypted, options_.identity_file, cancel_);
    PackRun(index, options_, take).read(reader, packs[i], cancel_);
  });
}

void BlockReader::read_all(const TakeBlock& take) {
  const BlockRange all{0, map_.block_count()};
  with_remedy([&] { read({&all, 1}, take); });
}

bool BlockReader::hashes(
    const std::function<void(std::uint64_t number, const BlockHash& hash)>& take) {
  const BlockRange all{0, map_.block_count()};
  const std::vector<Piece> pieces = pieces_of(map_, {&all, 1});
  std::string key = options_.key ? options_.key->id() : "";
  for (const auto& of_pack : by_pack(pieces)) {
    cancel_.check();
    const PackIndex index = index_of(repository_, map_.packs.at(of_pack.front().pack));
    if (key.empty()) key = index.key_id;
    if (key != index.key_id) return false;
    for (const Piece& piece : of_pack) {
      require_inside(piece, index);
      for (std::uint32_t i = 0; i < piece.count; ++i) {
        take(piece.number + i, index.hashes[piece.first + i]);
      }
    }
  }
  return true;
}

std::optional<BlockKey> find_key_of(Repository& repository, const BlockMap& map,
                                    const KeyOptions& options, const Cancel& cancel) {
  std::string key;
  for (const PackRecord& pack : map.packs) {
    cancel.check();
    const std::string found = index_of(repository, pack).key_id;
    if (key.empty()) key = found;
    if (key != found) return {};
  }
  if (key.empty()) return {};
  return find_key(repository, key, options, cancel);
}

void check_stored_packs(Repository& repository, std::span<const PackRecord> packs, bool encrypted,
                        const Cancel& cancel) {
  constexpr std::size_t kAtATime = 2;
  with_remedy([&] {
    run_parallel(packs.size(), kAtATime, [&](std::size_t i) {
      cancel.check();
      const PackIndex index = index_of(repository, packs[i]);
      if (index.encrypted != encrypted) {
        throw Error(ErrorCode::bad_data,
                    index_name(packs[i].id) +
                        (encrypted ? ": its pack is not encrypted" : ": its pack is encrypted"));
      }
      check_pack(repository, packs[i], encrypted, cancel);
    });
  });
}

}  // namespace prism::blocks
