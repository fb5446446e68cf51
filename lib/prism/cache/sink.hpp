#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prism/uid/uid.hpp>

namespace prism::cache {

/// What is kept for an entity.
enum class Family : std::uint8_t {
  facts,     ///< set: the facts in which it is the left or right object
  lineage,   ///< list: its supertypes in the order of inheritance, itself first
  subtypes,  ///< set: all its subtypes, direct and indirect, itself excluded
};

inline constexpr std::array kFamilies{Family::facts, Family::lineage, Family::subtypes};

PRISM_API std::string_view family_name(Family family);

/// Whether a key that a cache holds has these members, which are in the order of CacheSink::put. A
/// cache may give a set in any order; the order of a lineage counts.
PRISM_API bool has_members(Family family, std::vector<Uid> held, std::span<const Uid> members);

struct FamilyCount {
  std::uint64_t keys = 0;     ///< entities that have a value
  std::uint64_t members = 0;  ///< UIDs in all the values
};

/// What a finished rebuild leaves beside the values.
struct Meta {
  std::int64_t generation = 0;  ///< counts the rebuilds of this cache
  std::string started;          ///< UTC, as format_utc writes it
  std::string finished;
  std::int64_t watermark = 0;  ///< of the store that it was built from
  std::array<FamilyCount, kFamilies.size()> counts;
  /// When a rebuild began that did not come to its end; empty: there is none. Where there is
  /// nothing but such a rebuild, the generation is 0.
  std::string unfinished = {};

  FamilyCount& count(Family family) { return counts[static_cast<std::size_t>(family)]; }
  const FamilyCount& count(Family family) const { return counts[static_cast<std::size_t>(family)]; }
};

/// Where a cache lies. A rebuild is `begin`, `put` for every value, `commit`; readers see the old
/// value of a key or the new one, never none or a part. Used by one thread.
class CacheSink {
 public:
  virtual ~CacheSink() = default;

  /// Starts a rebuild of the given families. Ending without `commit` leaves what readers saw, or
  /// what the driver documents.
  virtual void begin(std::span<const Family> families) = 0;

  /// Sets one value; never called twice for the same key in a rebuild, nor with no members. Sets
  /// come in ascending order, keys of a family in ascending order of entities.
  virtual void put(Family family, Uid entity, std::span<const Uid> members) = 0;

  /// Removes keys of the rebuilt families that were not put, and records `meta`.
  virtual void commit(const Meta& meta) = 0;

  /// The last finished rebuild, or nothing when none ever began.
  virtual std::optional<Meta> meta() = 0;

  /// The members of keys, empty for one that is not there.
  virtual std::vector<std::vector<Uid>> read_all(Family family, std::span<const Uid> entities) = 0;

  /// How many keys a family has now.
  virtual std::uint64_t keys(Family family) = 0;

  /// Where it lies, for people: no secrets.
  virtual std::string location() const = 0;

  std::vector<Uid> read(Family family, Uid entity) {
    return std::move(read_all(family, {&entity, 1}).front());
  }
};

}  // namespace prism::cache
