#pragma once

#include <cstdint>
#include <optional>

#include <prism/cache/sink.hpp>
#include <prism/drivers/redis/deployment.hpp>

namespace prism::redis {

/// What INFO tells of a server.
struct PRISM_API ServerInfo {
  bool told = false;                  ///< a user may lack the right to ask
  unsigned major = 0;                 ///< of the version; 0: not told
  std::uint64_t used = 0, limit = 0;  ///< bytes; a limit of 0 is none
  std::string policy;                 ///< maxmemory-policy
};

/// The `value` of a line `field:value` of INFO; empty where there is none.
std::string_view info_field(std::string_view info, std::string_view field);

PRISM_API ServerInfo read_info(std::string_view text);
ServerInfo info_of(Connection& server);

/// Whether a cache will fit into the memory that the servers are allowed, by rough estimate.
class PRISM_API Room {
 public:
  /// About what Redis 7.0 takes for a key, and for a member of it.
  static std::uint64_t bytes_of(cache::FamilyCount count);

  /// `free` bytes are left beside what the cache held `before`; no limit when it is empty.
  Room(std::optional<std::uint64_t> free, const std::optional<cache::Meta>& before);

  /// True once, when what was put so far no longer fits.
  bool exceeded_by(std::size_t members) {
    taken_ += bytes_of({1, members});
    if (!limit_ || taken_ <= *limit_) return false;
    limit_.reset();
    return true;
  }

 private:
  std::optional<std::uint64_t> limit_;
  std::uint64_t taken_ = 0;
};

}  // namespace prism::redis
