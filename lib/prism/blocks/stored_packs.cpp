#include <algorithm>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/parallel.hpp>
#include <prism/blocks/stored_packs.hpp>

namespace prism::blocks {
namespace {

/// Of a repository that is far away most of the time is waited for.
constexpr std::size_t kAtATime = 4;

bool is_damage(ErrorCode code) {
  return code == ErrorCode::bad_data || code == ErrorCode::io || code == ErrorCode::permission;
}

}  // namespace

StoredPacks::StoredPacks(repository::Repository& repository, bool encrypted,
                         const std::set<std::string>& unused)
    : repository_(repository), encrypted_(encrypted) {
  for (const auto& object : repository.list(kPacks)) {
    const auto pack = parse_pack_name(object.name);
    if (!pack || pack->encrypted != encrypted || unused.contains(pack->id)) continue;
    packs_[pack->id].bytes = object.size;
  }
  for (const auto& object : repository.list(kIndexes)) {
    const auto found = packs_.find(object.name.substr(std::string_view(kIndexes).size()));
    if (found != packs_.end()) found->second.index_bytes = object.size;
  }
}

std::uint64_t StoredPacks::expected_blocks() const {
  std::uint64_t bytes = 0;
  for (const auto& [id, stored] : packs_) bytes += stored.index_bytes;
  return bytes / sizeof(BlockHash);
}

void StoredPacks::load(const std::string& key_id, KnownBlocks& known, const Cancel& cancel) {
  std::vector<Entry*> entries;
  for (Entry& entry : packs_) {
    if (entry.second.index_bytes == 0) continue;
    entry.second.number = static_cast<std::uint32_t>(records_.size() + entries.size());
    entries.push_back(&entry);
  }
  records_.resize(records_.size() + entries.size());
  run_parallel(entries.size(), kAtATime, [&](std::size_t i) {
    cancel.check();
    load_pack(*entries[i], key_id, known);
  });
  std::sort(remarks_.begin(), remarks_.end());
}

void StoredPacks::load_pack(Entry& entry, const std::string& key_id, KnownBlocks& known) {
  try {
    std::string sha256;
    const PackIndex index = fetch_pack_index(repository_, entry.first, sha256);
    const bool same = index.encrypted == encrypted_ && index.stored_bytes == entry.second.bytes;
    if (!same) {
      remark(pack_name(entry.first, encrypted_) + ": another size than its index says");
    } else if (index.key_id == key_id) {
      add(entry, index, sha256, known);
    }
  } catch (const Error& e) {
    if (!is_damage(e.code())) throw;
    remark(e.what());
  }
}

void StoredPacks::add(Entry& entry, const PackIndex& index, const std::string& sha256,
                      KnownBlocks& known) {
  const std::uint32_t number = *entry.second.number;
  const std::lock_guard lock(mutex_);
  records_[number] = {index.pack, index.stored_bytes, index.sha256, sha256};
  entry.second.loaded = true;
  for (std::size_t i = 0; i < index.hashes.size(); ++i) {
    known.add_lowest(index.hashes[i], place_in(number, static_cast<std::uint32_t>(i)));
  }
}

void StoredPacks::remark(const std::string& words) {
  const std::lock_guard lock(mutex_);
  remarks_.push_back(words);
}

bool StoredPacks::is_there(const PackRecord& pack) const {
  const auto found = packs_.find(pack.id);
  return found != packs_.end() && found->second.bytes == pack.stored_bytes;
}

bool StoredPacks::is_loaded(const PackRecord& pack) const {
  const Stored& stored = packs_.at(pack.id);
  return stored.loaded && records_[*stored.number] == pack;
}

std::string StoredPacks::not_there(const PackRecord& pack) const {
  return fmt::format("{}: is not there as {} bytes, which an earlier backup needs",
                     pack_name(pack.id, encrypted_), pack.stored_bytes);
}

std::string StoredPacks::trouble_with(const BlockMap& earlier) const {
  for (const PackRecord& pack : earlier.packs) {
    if (!is_there(pack)) return not_there(pack);
    if (!is_loaded(pack)) {
      return pack_name(pack.id, encrypted_) + ": its index is another, or of another key of blocks";
    }
  }
  return {};
}

std::uint32_t StoredPacks::number_of(const PackRecord& pack) {
  if (!is_there(pack)) throw Error(ErrorCode::bad_data, not_there(pack));
  auto& number = packs_.at(pack.id).number;
  if (!number) {
    number = static_cast<std::uint32_t>(records_.size());
    records_.emplace_back();
  }
  records_[*number] = pack;
  return *number;
}

}  // namespace prism::blocks
