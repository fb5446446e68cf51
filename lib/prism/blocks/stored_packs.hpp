#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/blocks/block_map.hpp>
#include <prism/blocks/known_blocks.hpp>
#include <prism/blocks/pack_index.hpp>

namespace prism::blocks {

/// The packs of a repository, by numbers: those that are encrypted, or those that are not. Used by
/// one thread.
class StoredPacks {
 public:
  /// Lists them, but for those that are not to be used.
  StoredPacks(repository::Repository& repository, bool encrypted,
              const std::set<std::string>& unused = {});

  /// About how many blocks they hold, those of other keys as well.
  std::uint64_t expected_blocks() const;

  /// Reads the indexes and adds the blocks whose hashes are of that key to `known`. An index that
  /// can't be used is told of in remarks().
  void load(const std::string& key_id, KnownBlocks& known, const Cancel& cancel);

  /// Why an earlier map can't be referred to, in words: a pack of it is not there, or load() has
  /// not found it to be one of that key. Empty: it can.
  std::string trouble_with(const BlockMap& earlier) const;

  /// The number of a pack of an earlier map. Throws Error(bad_data) where that is not there.
  std::uint32_t number_of(const PackRecord& pack);

  const std::vector<PackRecord>& records() const { return records_; }
  const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  struct Stored {
    std::uint64_t bytes = 0;
    std::uint64_t index_bytes = 0;  ///< none: it has no index
    std::optional<std::uint32_t> number = {};
    bool loaded = false;
  };
  using Entry = std::pair<const std::string, Stored>;

  bool is_there(const PackRecord& pack) const;
  bool is_loaded(const PackRecord& pack) const;
  std::string not_there(const PackRecord& pack) const;
  void load_pack(Entry& entry, const std::string& key_id, KnownBlocks& known);
  void add(Entry& entry, const PackIndex& index, const std::string& sha256, KnownBlocks& known);
  void remark(const std::string& words);

  repository::Repository& repository_;
  bool encrypted_;
  std::map<std::string, Stored> packs_;
  std::mutex mutex_;  ///< what several threads load is added by one at a time
  std::vector<PackRecord> records_;
  std::vector<std::string> remarks_;
};

}  // namespace prism::blocks
