#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>

namespace prism::s3 {

/// Whether `tar -x` can make a file of that name, and nowhere but below its folder: UTF-8 without
/// control characters and backslashes, whose parts between single slashes are neither `.` nor `..`
/// nor longer than 255 bytes; and not in the folder of the escaped ones.
PRISM_API bool is_harmless(std::string_view key);

/// What stands for a key that can't be a file's name: `.s3-keys/=KEY` with all but letters, digits,
/// `-`, `.`, `_` and `~` as `%XX`, or `.s3-keys/sha256=HASH` where that would be longer than 255
/// bytes.
PRISM_API std::string escaped_name(std::string_view key);

/// Names in an archive, for keys that come in their order: of `a` and `a/b`, which can't be a file
/// and its folder, the second one is escaped.
class PRISM_API TarNames {
 public:
  /// Once a key comes out of order, all are escaped.
  std::string name_of(const std::string& key);

 private:
  bool lies_below_a_file(const std::string& key);

  std::vector<std::string> begins_;  ///< files whose names the last key begins with
  std::string last_;
  bool in_order_ = true;
};

}  // namespace prism::s3
