#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace prism::files {

/// What a path or pattern stands for: names below the root, the root's own being empty. Parts that
/// are symbolic links are resolved, except for the last. None when nothing is there; throws
/// Error(permission) when that can't be told.
std::vector<std::string> names_of(const std::string& path, const std::filesystem::path& root);

/// Sorted, once each, without those that lie in another one.
std::vector<std::string> without_nested(std::vector<std::string> names);

}  // namespace prism::files
