#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>
#include <time.h>

#include <prism/base/cancel.hpp>
#include <prism/base/tar_stream.hpp>

namespace prism::files {

/// The only name that nothing in an archive bears: a restore makes files under it first.
inline constexpr const char* kTemporaryName = ".prismctl-restore.tmp";

struct TarEntry {
  enum class Kind : std::uint8_t { file, folder, symbolic_link, hard_link };

  Kind kind = Kind::file;
  std::string name;        ///< below the root, in its shortest form
  std::string target;      ///< of a link; that of a hard one is such a name too
  std::uint64_t size = 0;  ///< of a file
  mode_t mode = 0;         ///< permissions only
  uid_t user = 0;
  gid_t group = 0;
  std::string user_name;  ///< empty: unknown
  std::string group_name;
  std::optional<timespec> modified;
};

/// Reads the entries of a tar archive. Errors are those of TarStream; what leads out of the root
/// throws Error(bad_data). Used by one thread.
class TarReader {
 public:
  /// Both must live as long as this.
  TarReader(ByteSource& source, const Cancel& cancel) : tar_(source, cancel) {}

  /// The next entry, after all content of the one before was read; none at the end.
  std::optional<TarEntry> next();

  /// The next piece of the content of a file; empty at its end.
  std::string_view content() { return tar_.content(); }

 private:
  TarStream tar_;
};

}  // namespace prism::files
