#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>
#include <prism/drivers/postgres/physical/base_backup.hpp>

namespace prism::postgres {

/// A file of a cluster, and where its content lies in the stream of blocks: behind those of the
/// file before it, as many as it needs.
struct StoredFile {
  BackupEntry entry;
  std::uint64_t first = 0;                   ///< the number of its first block
  std::optional<std::uint32_t> crc32c = {};  ///< of its content, where all of it passed

  std::uint64_t block_count() const;
};

/// The artifact `files`: a line of JSON for each, in the order of their blocks: `path` (or
/// `path_hex`, where it is no UTF-8), `kind` (`file`, `folder`, `link`), `mode`, `modified`; of a
/// file `size`, `first`, `crc32c`; of a link `target`.
PRISM_API std::string to_json_line(const StoredFile& file);

/// Throws Error(bad_data) for anything else, for a path that leads out of the folder, and for
/// blocks that do not follow those of the file before.
PRISM_API void read_file_list(ByteSource& source,
                              const std::function<void(const StoredFile&)>& take);

/// Throws Error(bad_data) for a path that is absolute, empty, or has a part `.` or `..`.
PRISM_API void require_inside(const std::string& path);

}  // namespace prism::postgres
