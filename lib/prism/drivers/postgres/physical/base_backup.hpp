#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prism/drivers/postgres/physical/replication.hpp>

namespace prism::postgres {

/// A tablespace beside those of the data folder.
struct Tablespace {
  std::string oid;
  std::string path;  ///< on the server
};

/// Where a base backup begins and ends.
struct BackupBounds {
  Lsn start = 0, stop = 0;
  std::uint32_t start_timeline = 0, stop_timeline = 0;
  std::vector<Tablespace> tablespaces = {};
};

enum class EntryKind : std::uint8_t { file, folder, link };

/// A file of the cluster, as the server's archives have it.
struct BackupEntry {
  std::string path;  ///< in the data folder: `base/1/1259`, `pg_tblspc/16399/PG_15_…/5/16400`
  EntryKind kind = EntryKind::file;
  std::uint32_t mode = 0;     ///< permission bits
  std::uint64_t size = 0;     ///< bytes
  std::int64_t modified = 0;  ///< seconds since 1970
  std::string target = {};    ///< of a link
};

/// Is given the files of a base backup in the order in which the server sends them; each is ended
/// before the next begins. `bytes` come in pieces of any size.
class BackupFiles {
 public:
  virtual ~BackupFiles() = default;
  virtual void begin(const BackupEntry& entry) = 0;
  virtual void data(std::string_view bytes) = 0;
  virtual void end() = 0;
  /// The server's backup manifest, in pieces, behind all files.
  virtual void manifest(std::string_view bytes) = 0;
};

struct BaseBackupOptions {
  std::string label = "prismctl";
  bool fast_checkpoint = true;
  /// The manifest of an earlier backup: only what changed since then is sent, in files
  /// `INCREMENTAL.<name>`. PostgreSQL 17 and newer.
  std::string earlier_manifest = {};
};

/// Runs BASE_BACKUP (with the WAL from start to stop, a tablespace map and a manifest with CRC-32C)
/// and passes on what comes; `warnings` takes the server's own (a page whose checksum is wrong).
/// The caller holds a slot so that the WAL stays. Throws Error(configuration) for a server older
/// than 15, Failure for what the server says: also, at the end, where pages have wrong checksums
/// (critical). Throws Error(bad_data) for archives with another structure than the server
/// documents, and for a name that leads out of the data folder.
PRISM_API BackupBounds take_base_backup(Replication& server, const BaseBackupOptions& options,
                                        BackupFiles& files, std::vector<std::string>& warnings);

}  // namespace prism::postgres
