#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <prism/drivers/redis/rdb_reader.hpp>

namespace prism::redis {

/// Which keys a backup holds, of a part of all keys: 16 bytes of each one's SHA-256, sorted. Used
/// by one thread.
class PRISM_API KeySet : public RdbVisitor {
 public:
  /// Part `part` of `parts`, without what has expired at `now` (ms since 1970).
  KeySet(std::uint64_t part, std::uint64_t parts, std::int64_t now)
      : part_(part), parts_(parts), now_(now) {}

  void value(const RdbKey& key, std::uint64_t size) override;
  /// Before lacks(), when all keys are in.
  void sort();

  /// Whether a key is of this part, and not held.
  bool lacks(std::uint64_t database, std::string_view name) const;

 private:
  using Hash = std::array<std::uint64_t, 2>;
  static Hash hash_of(std::uint64_t database, std::string_view name);
  bool is_of_part(const Hash& hash) const { return hash[0] % parts_ == part_; }

  std::uint64_t part_, parts_;
  std::int64_t now_;
  std::vector<Hash> hashes_;
};

}  // namespace prism::redis
