#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>
#include <time.h>

#include <prism/base/cancel.hpp>
#include <prism/base/stream.hpp>

struct archive;
struct archive_entry;

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

class TarInput;

/// Reads a tar archive to the end of its source, which its two blocks of zeros must be at, but for
/// more zeros. Errors are those of the source; what is damaged or leads out of the root throws
/// Error(bad_data). Used by one thread.
class TarReader {
 public:
  /// Both must live as long as this.
  TarReader(ByteSource& source, const Cancel& cancel);
  ~TarReader();
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;

  /// The next entry, after all content of the one before was read; none at the end.
  std::optional<TarEntry> next();

  /// The next piece of the content of a file; empty at its end.
  std::string_view content();

 private:
  void check(int result) const;
  void check_end();

  struct FreeArchive {
    void operator()(archive* tar) const;
  };

  const Cancel& cancel_;
  std::unique_ptr<TarInput> input_;
  std::unique_ptr<archive, FreeArchive> tar_;
  std::uint64_t size_ = 0;  ///< of the entry
  std::uint64_t read_ = 0;  ///< of that
};

}  // namespace prism::files
