#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>

namespace prism::postgres {

/// One of PostgreSQL's client programs.
struct Tool {
  std::string program;  ///< its path
  int major = 0;
  std::string version;  ///< such as `15.4`
};

/// The major version in what a tool says of itself, such as `pg_dump (PostgreSQL) 15.4 (Debian …)`,
/// and all of it. Nothing where it says something else.
PRISM_API std::optional<Tool> read_version(std::string_view words);

/// The least major version that a tool must have, and why.
struct Needed {
  int major = 0;
  std::string reason = {};
};

/// Tools refuse a server that is newer than they are.
PRISM_API Needed needed_by_server(int major, const std::string& version);
/// One that pg_dump of that version has made.
PRISM_API Needed needed_by_archive(const std::string& pg_dump);

/// All that are installed by that name: first the one in $PATH, but not Debian's wrapper, which
/// picks one of the others; then those in folders of versions, such as
/// /usr/lib/postgresql/15/bin. Where a folder is named, the one in it alone: throws
/// Error(configuration) when there is none.
PRISM_API std::vector<Tool> find_tools(const std::string& name, const std::filesystem::path& folder,
                                       const Cancel& cancel);

/// The one of the lowest major version that is not below what is needed, for a newer one's output
/// may hold what an older server doesn't know. Throws Error(configuration), with both versions and
/// the name of the package, when there is none.
PRISM_API Tool choose_tool(const std::string& name, const std::vector<Tool>& tools,
                           const Needed& needed);

/// The one in that folder, where it isn't empty, else the best of those that are installed.
inline Tool find_tool(const std::string& name, const Needed& needed,
                      const std::filesystem::path& folder, const Cancel& cancel) {
  return choose_tool(name, find_tools(name, folder, cancel), needed);
}

}  // namespace prism::postgres
