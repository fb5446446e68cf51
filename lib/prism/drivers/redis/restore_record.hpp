#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <prism/drivers/redis/deployment.hpp>
#include <prism/drivers/redis/rdb_reader.hpp>

namespace prism::redis {

/// A hash in database 0 that is there while a restore is under way, and after one that was cut off:
/// `started`, `host` and `what`.
inline constexpr std::string_view kRestoreRecord = "prismctl:restore";

inline bool is_restore_record(const RdbKey& key) {
  return key.database == 0 && key.name == kRestoreRecord;
}

/// Throws what HSET does, before anything else of the servers was touched.
void write_restore_record(Deployment& servers, const std::string& what);
void remove_restore_record(Deployment& servers);

/// Words on what the record says, where it is there; a user who may read no keys is told nothing.
std::optional<std::string> read_restore_record(Deployment& servers);

}  // namespace prism::redis
