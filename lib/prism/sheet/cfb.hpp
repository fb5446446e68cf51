#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/sheet/byte_source.hpp>
#include <prism/sheet/bytes.hpp>

namespace prism::sheet {

/// One stream of a compound file, as the pieces of the file in which it lies.
class PRISM_API CfbStream : public ByteSource {
 public:
  struct Extent {
    std::uint64_t start;   ///< where in the stream
    std::uint64_t offset;  ///< where in the file
    std::uint64_t length;
  };

  CfbStream(const ByteSource& file, std::vector<Extent> extents, std::uint64_t size);

  /// As the directory says. The sectors that are there may hold less.
  std::uint64_t size() const override { return size_; }
  std::size_t read(std::uint64_t offset, std::span<unsigned char> out) const override;

  /// Where in the file that byte of the stream lies, or nothing.
  std::optional<std::uint64_t> file_offset(std::uint64_t offset) const;

 private:
  const ByteSource* file_;
  std::vector<Extent> extents_;
  std::uint64_t size_;
};

/// A compound file ([MS-CFB], also called OLE2), in which .xls workbooks and encrypted .xlsx lie.
/// Holds the file allocation table and the names at the top level, no content. Throws Damage, but
/// forgives what other readers do not look at: a chain that breaks off is a stream that ends early.
class PRISM_API CompoundFile {
 public:
  /// `file` must outlive this and its streams.
  explicit CompoundFile(const ByteSource& file);

  /// The names at the top level; those inside a storage belong to embedded objects.
  bool contains(std::string_view name) const { return find(name) != nullptr; }

  /// A stream at the top level, or nothing. Names are compared without regard to case.
  std::optional<CfbStream> stream(std::string_view name) const;

 private:
  struct Entry {
    std::string name;
    std::uint32_t start;
    std::uint64_t size;
  };

  using Sector = std::uint32_t;

  void read_header();
  void read_fat();
  bool append_fat_sectors(Bytes locations);
  void read_directory();
  void read_tree(Bytes directory, std::vector<bool>& seen);
  void add_lost_entries(Bytes directory, const std::vector<bool>& seen);
  Entry entry_of(Bytes raw) const;
  const Entry* find(std::string_view name) const;

  std::uint64_t sector_size() const { return std::uint64_t{1} << sector_shift_; }
  std::uint64_t offset_of(Sector sector) const;
  std::vector<unsigned char> read_table(Sector sector) const;
  /// The sectors of a chain that begins at `start`, at most as many as `size` bytes need.
  CfbStream chain(Sector start, std::uint64_t size) const;
  CfbStream mini_chain(Sector start, std::uint64_t size) const;

  const ByteSource& file_;
  std::vector<unsigned char> header_;
  unsigned sector_shift_ = 9;
  std::uint64_t sector_count_ = 0;
  std::vector<Sector> fat_;
  Entry root_;                  ///< its stream holds those of less than 4096 bytes
  std::vector<Entry> entries_;  ///< at the top level, then those that no storage names
};

}  // namespace prism::sheet
