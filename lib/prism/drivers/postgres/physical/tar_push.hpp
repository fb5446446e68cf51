#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <prism/base/tar_header.hpp>
#include <prism/drivers/postgres/physical/base_backup.hpp>

namespace prism::postgres {

/// Reads a tar archive (POSIX ustar) as it comes, in pieces of any size, without a copy of what its
/// files hold. Errors are those of take_base_backup.
class PRISM_API TarPush {
 public:
  /// `below` is put before all paths; empty, or ends with a slash.
  TarPush(std::string below, BackupFiles& files) : below_(std::move(below)), files_(files) {}

  void add(std::string_view bytes);
  /// Throws where the archive ends without its two blocks of zeros.
  void finish() const;

 private:
  void begin_entry();

  std::string below_;
  BackupFiles& files_;
  TarBlock header_{};
  std::size_t header_size_ = 0, empty_blocks_ = 0;
  std::uint64_t data_left_ = 0, padding_left_ = 0;
};

}  // namespace prism::postgres
