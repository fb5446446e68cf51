#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include <prism/base/export.hpp>
#include <prism/base/files.hpp>
#include <prism/sheet/byte_source.hpp>

namespace prism::sheet {

/// A regular file open for reads at any offset. It is read by pread, not mapped: a file that
/// another program cuts short meanwhile is an error then, not a SIGBUS.
class PRISM_API InputFile : public ByteSource {
 public:
  /// Throws Error: input_missing, permission, io, or bad_data when it is no regular file.
  explicit InputFile(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::string name() const { return path_.string(); }
  /// As of the opening.
  std::uint64_t size() const override { return size_; }
  std::size_t read(std::uint64_t offset, std::span<unsigned char> out) const override;

 private:
  std::filesystem::path path_;
  FileDescriptor fd_;
  std::uint64_t size_ = 0;
};

}  // namespace prism::sheet
