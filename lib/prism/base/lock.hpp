#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include <prism/base/cancel.hpp>
#include <prism/base/files.hpp>

namespace prism {

/// An exclusive lock between processes on one machine, held by a file that is removed when the lock
/// is given back. A killed owner's lock is free at once (flock(2)).
class PRISM_API FileLock {
 public:
  /// Waits at most `wait` for another owner, then throws Error(locked) that names that owner.
  /// `purpose` is what the owner is doing, such as `seed`.
  FileLock(std::filesystem::path file, std::string_view purpose, std::chrono::seconds wait,
           const Cancel& cancel);
  ~FileLock();

  /// What the owner wrote of itself, or nothing when nobody holds the lock.
  static std::string owner(const std::filesystem::path& file);

  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  bool try_take();
  void write_owner(std::string_view purpose);

  std::filesystem::path file_;
  FileDescriptor fd_;
};

}  // namespace prism
