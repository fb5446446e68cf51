#pragma once

#include <filesystem>

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>
#include <prism/drivers/postgres/database_record.hpp>
#include <prism/drivers/postgres/tool_run.hpp>

namespace prism::postgres {

/// The artifact `database.json`.
DatabaseRecord read_record(backup::ArtifactReader& artifacts);

/// What pg_restore makes of the archive's rows, as text. Throws Error(bad_data) where it can't read
/// them; the source's own errors stay what they are.
void read_rows(backup::ArtifactReader& artifacts, const Tool& pg_restore, const Cancel& cancel,
               const TakeBytes& take);

/// What pg_restore doesn't read behind its own end must be read all the same: it may be damaged.
void read_rest(ByteSource& source);

/// The one that can read the archive, in `bin_dir` unless that is empty.
Tool pg_restore_of(const DatabaseRecord& record, const std::filesystem::path& bin_dir,
                   const Cancel& cancel);

/// Reads all artifacts to their ends: the archive has every row that the record tells of. Needs
/// pg_restore, but no server. Throws Error(bad_data).
backup::Content check_artifacts(backup::ArtifactReader& artifacts,
                                const std::filesystem::path& bin_dir, const Cancel& cancel);

}  // namespace prism::postgres
