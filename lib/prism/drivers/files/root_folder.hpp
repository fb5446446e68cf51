#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <prism/base/files.hpp>

namespace prism::files {

/// A name below a root, without slashes at its ends, in two: `a/b` and `c` of `a/b/c`.
struct SplitName {
  explicit SplitName(std::string_view name);

  std::string folder;  ///< empty: the root
  std::string last;
};

/// Makes the entries of a folder durable, where the folder may be read and its file system can.
void sync_folder(int folder, const std::string& path);

/// Opens the folders below one of them, step by step, and never through a symbolic link: whatever
/// a name is, and whoever else changes folders meanwhile, the way stays below the root.
class RootFolder {
 public:
  /// Throws Error(input_missing) when it is not there.
  explicit RootFolder(const std::filesystem::path& root);

  enum class Missing : bool { fail, make };

  /// For openat and the like; not for reading. Throws Error(refused) where a part of the name is a
  /// symbolic link or a file.
  FileDescriptor open(std::string_view name, Missing missing) const;

  /// Of something below it, as messages name it.
  std::string path_of(std::string_view name) const;

 private:
  std::filesystem::path root_;
  FileDescriptor folder_;
};

/// Why a folder can't be where a symbolic link is.
Error link_in_the_way(const std::string& path);

}  // namespace prism::files
