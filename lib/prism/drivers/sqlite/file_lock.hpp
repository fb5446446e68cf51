#pragma once

#include <filesystem>
#include <optional>

#include <sys/types.h>

#include <prism/base/files.hpp>

namespace prism::sqlite {

/// Who holds any of SQLite's locks on an open file; 0 is one whose number isn't known here. Its
/// locks are POSIX ones: closing any descriptor of a file gives up those that this process has.
std::optional<pid_t> lock_holder(int fd);

/// SQLite's exclusive lock on a file, sound or not: while it is held, nobody else reads or writes
/// it by SQLite.
class ExclusiveLock {
 public:
  /// Throws Error(locked) that names who has it. Takes none where we may not write to the file.
  explicit ExclusiveLock(const std::filesystem::path& file);

  bool held() const { return fd_.valid(); }

 private:
  FileDescriptor fd_;
};

}  // namespace prism::sqlite
