#pragma once

#include <filesystem>

#include <sys/stat.h>

#include <prism/base/export.hpp>

namespace prism::sqlite {

/// Where SQLite keeps what belongs to a file: links are followed to their end, also to one that
/// isn't there yet.
PRISM_API std::filesystem::path real_path(const std::filesystem::path& file);

/// Whether files can be made beside it.
bool has_writable_folder(const std::filesystem::path& file);

/// A database that SQLite can't lock, for it would have to make a write-ahead log beside it where
/// nobody may write, as on a read-only mount: it is read as it stands (`immutable`,
/// sqlite.org/uri.html). That is right as long as it stays what it was, which is looked at before
/// and afterwards: who writes by a log holds a lock for as long as he has the file open, and leaves
/// another time in it.
class PRISM_API UnlockedRead {
 public:
  /// Throws Error(locked) where somebody has it open, or a log waits beside it.
  explicit UnlockedRead(std::filesystem::path file);

  /// Throws Error(locked) when it is no longer what it was.
  void require_unchanged() const;

  /// What SQLite opens it by.
  std::string uri() const;

 private:
  struct stat state() const;

  std::filesystem::path file_;
  struct stat before_;
};

}  // namespace prism::sqlite
