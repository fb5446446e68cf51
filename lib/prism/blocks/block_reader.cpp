#include <algorithm>
#include <map>
#include <set>

#include <zstd.h>

#include <prism/base/error.hpp>
#include <prism/base/parallel.hpp>
#include <prism/blocks/block_reader.hpp>
#include <prism/blocks/load_index.hpp>
#include <prism/blocks/pack_reader.hpp>

namespace prism::blocks {
namespace {

/// Some of a pack's blocks, and where they stand in the stream.
struct Want {
  std::uint32_t first = 0, count = 0;
  std::uint64_t number = 0;
};
using WantsByPack = std::map<std::uint32_t, std::vector<Want>>;

/// The parts of the stream's extents that are wanted, by pack and in the order of its blocks.
WantsByPack find_wanted(const BlockMap& map, std::span<const BlockRange> wanted) {
  WantsByPack wants;
  std::uint64_t at = 0;
  auto range = wanted.begin();
  for (const Extent& extent : map.extents) {
    const std::uint64_t end = at + extent.count;
    while (range != wanted.end() && range->first + range->count <= at) ++range;
    for (auto some = range; some != wanted.end() && some->first < end; ++some) {
      const std::uint64_t from = std::max(at, some->first);
      const std::uint64_t to = std::min(end, some->first + some->count);
      wants[extent.pack].push_back({static_cast<std::uint32_t>(extent.first + (from - at)),
                                    static_cast<std::uint32_t>(to - from), from});
    }
    at = end;
  }
  for (auto& [pack, list] : wants) {
    std::sort(list.begin(), list.end(),
              [](const Want& a, const Want& b) { return a.first < b.first; });
  }
  return wants;
}

/// Gives blocks, asked for in ascending order, to all places that want them.
class Giver {
 public:
  Giver(const std::vector<Want>& wants, const TakeBlock& take) : wants_(wants), take_(take) {}

  bool wants_some(std::uint32_t first, std::uint32_t count) {
    std::erase_if(active_, [&](const Want& want) { return want.first + want.count <= first; });
    while (next_ < wants_.size() && wants_[next_].first < first + count) {
      active_.push_back(wants_[next_++]);
    }
    return !active_.empty();
  }

  bool wants(std::uint32_t number) const {
    return std::any_of(active_.begin(), active_.end(),
                       [&](const Want& want) { return holds(want, number); });
  }

  void give(std::uint32_t number, std::string_view block) const {
    for (const Want& want : active_) {
      if (holds(want, number)) take_(want.number + (number - want.first), block);
    }
  }

 private:
  static bool holds(const Want& want, std::uint32_t number) {
    return number >= want.first && number - want.first < want.count;
  }

  const std::vector<Want>& wants_;
  const TakeBlock& take_;
  std::vector<Want> active_;
  std::size_t next_ = 0;
};

void require_inside(const PackIndex& index, const std::vector<Want>& wants,
                    const std::string& where) {
  for (const Want& want : wants) {
    if (want.first + std::uint64_t{want.count} <= index.hashes.size()) continue;
    throw Error(ErrorCode::bad_data, where + ": it has fewer blocks than the backup says");
  }
}

}  // namespace

BlockReader::BlockReader(repository::Repository& repository, const BlockMap& map,
                         ReaderOptions options, const Cancel& cancel)
    : repository_(repository), map_(map), options_(std::move(options)), cancel_(cancel) {}

void BlockReader::read(std::span<const BlockRange> wanted, const TakeBlock& take) {
  const WantsByPack wants = find_wanted(map_, wanted);
  std::vector<std::uint32_t> packs;
  for (const auto& [pack, list] : wants) packs.push_back(pack);
  run_parallel(packs.size(), options_.threads, [&](std::size_t i) {
    cancel_.check();
    const PackRecord& record = map_.packs.at(packs[i]);
    const auto& list = wants.at(packs[i]);
    const PackIndex index = load_index(repository_, record.id, record.index_sha256);
    require_inside(index, list, index_object(record.id));
    Giver giver(list, take);
    PackReader reader(repository_, record, index, options_, cancel_);
    reader.read([&](std::uint32_t first, std::uint32_t count) { return giver.wants_some(first, count); },
                [&](std::uint32_t number) { return giver.wants(number); },
                [&](std::uint32_t number, std::string_view block) { giver.give(number, block); });
  });
}

void BlockReader::read_all(const TakeBlock& take) {
  const BlockRange all{0, map_.block_count()};
  read({&all, 1}, take);
}

bool BlockReader::hashes(
    const std::function<void(std::uint64_t number, const BlockHash& hash)>& take) {
  const BlockRange all{0, map_.block_count()};
  for (const auto& [pack, list] : find_wanted(map_, {&all, 1})) {
    cancel_.check();
    const PackRecord& record = map_.packs.at(pack);
    const PackIndex index = load_index(repository_, record.id, record.index_sha256);
    if (!options_.key || options_.key->id() != index.key_id) return false;
    require_inside(index, list, index_object(record.id));
    for (const Want& want : list) {
      for (std::uint32_t i = 0; i < want.count; ++i) {
        take(want.number + i, index.hashes[want.first + i]);
      }
    }
  }
  return true;
}

std::optional<BlockKey> find_key_of(repository::Repository& repository, const BlockMap& map,
                                    const KeyOptions& options, const Cancel& cancel) {
  std::set<std::string> ids;
  for (const PackRecord& record : map.packs) {
    ids.insert(load_index(repository, record.id, record.index_sha256).key_id);
    if (ids.size() > 1) return {};
  }
  if (ids.empty()) return {};
  return find_key(repository, *ids.begin(), options, cancel);
}

void check_stored_packs(repository::Repository& repository, std::span<const PackRecord> packs,
                        bool encrypted, const Cancel& cancel) {
  for (const PackRecord& record : packs) {
    cancel.check();
    load_index(repository, record.id, record.index_sha256);
    check_stored_pack(repository, record, encrypted);
  }
}

}  // namespace prism::blocks
