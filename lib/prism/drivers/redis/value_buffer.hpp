#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include <prism/base/files.hpp>
#include <prism/base/stream.hpp>

namespace prism::redis {

/// One value of an RDB: in memory up to kInMemory, beyond it in a file without a name. Used by one
/// thread.
class ValueBuffer : public ByteSink {
 public:
  static constexpr std::size_t kInMemory = 4U << 20;  ///< bytes

  /// `scratch_folder`: for the file; empty: $TMPDIR.
  explicit ValueBuffer(std::filesystem::path scratch_folder);

  /// Forgets the value before. `type` is the first byte of the payload that RESTORE takes.
  void begin(std::uint8_t type);
  void write(std::string_view bytes) override;
  void finish() override {}

  std::uint64_t size() const { return in_file_ + memory_.size(); }
  /// Calls `take` with all of it, in pieces.
  void each_piece(const std::function<void(std::string_view piece)>& take) const;

 private:
  void spill();

  std::filesystem::path scratch_folder_;
  std::string memory_;  ///< what is not in the file
  FileDescriptor file_;
  std::uint64_t in_file_ = 0;
};

}  // namespace prism::redis
