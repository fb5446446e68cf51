#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::config {

/// The value of an environment variable, if it is set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// Reads `KEY=value` lines: `export`, single and double quotes, trailing ` # comment`, `${VAR}` and
/// `${VAR:-default}`, where VAR is of the file itself, above, or of `outer`. Nothing is expanded in
/// single quotes. Throws Error(configuration) that names the line.
PRISM_API std::map<std::string, std::string> parse_env(std::string_view text,
                                                       const std::string& name,
                                                       const Environment& outer);

PRISM_API std::map<std::string, std::string> read_env_file(const std::filesystem::path& file,
                                                           const Environment& outer);

}  // namespace prism::config
