#pragma once

#include <cstddef>
#include <filesystem>

#include <prism/base/files.hpp>

namespace prism::blocks {

/// Bytes that are zero at first: in memory as long as they are few, else in a temporary file
/// without a name, so that the system can take the memory for other things.
class PRISM_API MappedMemory {
 public:
  /// More than `in_memory` bytes lie in a file below `scratch_folder` (empty: $TMPDIR). Throws
  /// Error(io) where there is no room for them.
  MappedMemory(std::size_t bytes, std::size_t in_memory,
               const std::filesystem::path& scratch_folder);
  MappedMemory(MappedMemory&& other) noexcept;
  MappedMemory& operator=(MappedMemory&& other) noexcept;
  ~MappedMemory();

  void* data() const { return data_; }
  std::size_t size() const { return bytes_; }

 private:
  std::size_t bytes_;
  void* data_ = nullptr;
};

}  // namespace prism::blocks
