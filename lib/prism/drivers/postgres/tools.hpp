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

/// All that are installed by that name: first the one in $PATH, but not Debian's wrapper, which
/// picks one of the others; then those in folders of versions, such as
/// /usr/lib/postgresql/15/bin.
PRISM_API std::vector<Tool> find_tools(const std::string& name, const Cancel& cancel);

/// The one of the lowest major version that is not below `major`, for a newer one's output may
/// hold what an older server doesn't know. Throws Error(configuration), with the name of the
/// package, when there is none.
PRISM_API Tool choose_tool(const std::string& name, const std::vector<Tool>& tools, int major);

inline Tool find_tool(const std::string& name, int major, const Cancel& cancel) {
  return choose_tool(name, find_tools(name, cancel), major);
}

}  // namespace prism::postgres
