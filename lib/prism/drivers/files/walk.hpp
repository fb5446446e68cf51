#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sys/stat.h>

#include <prism/base/cancel.hpp>
#include <prism/drivers/files/root_folder.hpp>

namespace prism::files {

/// Something that a walk came upon. Good while it is visited.
struct Found {
  const std::string& name;   ///< below the root
  int folder;                ///< in which it lies
  const std::string& entry;  ///< its name in the folder
  const struct stat& state;  ///< its own, when it is a symbolic link
};

/// Visits what has these names, and all that lies in the folders among them: a folder first, then
/// its entries by name. What vanishes meanwhile is passed over, and no symbolic link is followed.
/// Throws Error(permission) for a folder that can't be read.
void walk(const RootFolder& root, const std::vector<std::string>& names, const Cancel& cancel,
          const std::function<void(const Found&)>& visit);

}  // namespace prism::files
