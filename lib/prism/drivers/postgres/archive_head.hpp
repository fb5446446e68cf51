#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/base/stream.hpp>
#include <prism/drivers/postgres/tools.hpp>

namespace prism::postgres {

/// The statement about the dumped database, made one about `database`. Nothing where it isn't
/// about the database as a whole.
PRISM_API std::string entry_for(std::string_view statement, const std::string& database);

/// Which entries of an archive are of interest.
struct EntryOptions {
  bool no_owner = false, no_acl = false;
};

/// Reads the beginning of an archive up to its data: all that is said there, but the data. It is
/// written to `file`, and something of what follows. Returns the statements that concern the
/// database as a whole (owner, settings, grants, comment, security labels), which a restore applies
/// only where it creates the database by its old name; they are about `database` instead.
std::vector<std::string> read_head(ByteSource& archive, const Tool& pg_restore,
                                   const EntryOptions& options, const std::string& database,
                                   const std::filesystem::path& file, const Cancel& cancel);

/// The list of an archive's entries, as `pg_restore --list` gives it, without those extensions and
/// their comments.
PRISM_API std::string without_extensions(std::string_view list,
                                         const std::vector<std::string>& extensions);

}  // namespace prism::postgres
