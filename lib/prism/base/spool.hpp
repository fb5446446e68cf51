#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>
#include <prism/base/files.hpp>

namespace prism {

/// Entries that wait for later in a temporary file without a name, in $TMPDIR: however many they
/// are, memory holds about a megabyte of them. Used by one thread.
class PRISM_API Spool {
 public:
  /// Adds one entry, which is both parts; less than 4 GiB.
  void add(std::string_view head, std::string_view rest = {});

  /// Calls `take` for every entry, in their order; more may be added afterwards. The view is good
  /// until `take` returns.
  void each(const std::function<void(std::string_view entry)>& take);

  /// Of all entries.
  std::uint64_t bytes() const { return bytes_; }

 private:
  void flush();

  FileDescriptor file_;  ///< none while all fits into the buffer
  std::string buffer_;   ///< what is not in the file yet
  std::uint64_t bytes_ = 0;
};

}  // namespace prism
