#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism {

/// Owns a file descriptor.
class PRISM_API FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

/// The whole of a small file. Throws Error(bad_data) when it is larger than `limit` bytes.
PRISM_API std::string read_file(const std::filesystem::path& file, std::size_t limit);

/// Makes what was written to the file, or a folder's entries, durable.
PRISM_API void sync_path(const std::filesystem::path& path);

/// Replaces `file` by one with that content: a reader or a crash sees the old or the new one.
PRISM_API void write_file_atomically(const std::filesystem::path& file, std::string_view content);

/// Makes a file with that content and mode, durably. Throws Error(refused) where one is there,
/// which stays as it is, also when it came meanwhile.
PRISM_API void write_new_file(const std::filesystem::path& file, std::string_view content,
                              std::filesystem::perms mode);

/// Throws Error(io) when less than `bytes` are free for us where `folder` is.
PRISM_API void require_space(const std::filesystem::path& folder, std::uint64_t bytes);

class WriteBehind;

/// Writes a file through a buffer. Without `close` what was written may be cut short.
class PRISM_API FileWriter {
 public:
  /// Creates or empties the file.
  explicit FileWriter(const std::filesystem::path& file);
  /// Writes to an open descriptor that the caller keeps, such as standard output.
  FileWriter(int fd, std::string name);
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  /// From now on what is in the buffer is written by a thread of its own, while more is put there.
  /// What goes wrong is thrown by a later call.
  void write_behind();

  /// The text that is written next; flush_if_full sends it on once it is large enough.
  std::string& buffer() { return buffer_; }
  void flush_if_full();
  /// Writes what is left and makes it durable, when it is a file.
  void close();

 private:
  void flush();

  FileDescriptor owned_;
  int fd_;
  std::string name_;
  std::string buffer_;
  std::unique_ptr<WriteBehind> behind_;
};

/// A folder that is removed, with all that lies in it, when this goes out of scope. What a killed
/// process left under the same prefix is removed by the next that makes one.
class PRISM_API TemporaryFolder {
 public:
  /// Creates `<parent>/<prefix>XXXXXX`, readable by the owner only.
  TemporaryFolder(const std::filesystem::path& parent, std::string_view prefix);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  FileDescriptor lock_;  ///< held for as long as the folder is in use
};

}  // namespace prism
