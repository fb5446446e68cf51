#pragma once

#include <cstdint>
#include <exception>
#include <vector>

#include <prism/base/stream.hpp>

struct archive;

namespace prism {

/// What libarchive reads from. Knows where the last byte lies that isn't zero, because libarchive
/// takes an archive without its blocks of zeros for a whole one.
class TarInput {
 public:
  explicit TarInput(ByteSource& source);

  /// For archive_read_open; `self` is the input.
  static ssize_t give(archive* tar, void* self, const void** block);

  /// What the source threw while libarchive read.
  void rethrow() const;
  void read_to_end();

  std::uint64_t size() const { return size_; }
  /// How many bytes there are up to the last one that isn't zero.
  std::uint64_t meaning() const { return meaning_; }

 private:
  std::size_t read();

  ByteSource& source_;
  std::exception_ptr failure_;
  std::vector<char> buffer_;
  std::uint64_t size_ = 0;
  std::uint64_t meaning_ = 0;
};

}  // namespace prism
