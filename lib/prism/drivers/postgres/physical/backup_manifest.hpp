#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>

namespace prism::postgres {

/// A file as a backup manifest has it.
struct ManifestFile {
  std::string path;                     ///< in the data folder; by tablespace: `pg_tblspc/OID/…`
  std::uint64_t size = 0;               ///< bytes
  std::optional<std::uint32_t> crc32c;  ///< nothing where it has none
};

/// Reads a backup manifest ("Backup Manifest Format" in PostgreSQL's manual) to its end, file by
/// file: it may be large. Throws Error(bad_data) for what is none, is not what its own SHA-256
/// says, or has checksums of a kind that was not asked for. `Encoded-Path` (hexadecimal) is
/// decoded.
PRISM_API void read_backup_manifest(ByteSource& source,
                                    const std::function<void(const ManifestFile&)>& take);

/// CRC-32C (Castagnoli; iSCSI, RFC 3720) as the manifest has it.
class PRISM_API Crc32c {
 public:
  void add(std::string_view bytes);
  std::uint32_t value() const { return ~state_; }

 private:
  std::uint32_t state_ = 0xFFFFFFFFU;
};

}  // namespace prism::postgres
