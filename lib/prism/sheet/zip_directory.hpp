#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <prism/sheet/byte_source.hpp>

namespace prism::sheet {

/// One entry of a zip archive's central directory ([APPNOTE] section 4.3.12). What the archive says
/// of itself need not be true.
struct ZipEntry {
  std::string name;  ///< as stored: of any case, perhaps with backslashes
  bool encrypted = false;
  std::uint16_t method = 0;  ///< 0: stored, 8: deflated
  std::uint32_t crc = 0;
  std::uint64_t packed = 0;         ///< bytes in the archive
  std::uint64_t unpacked = 0;       ///< bytes of the content
  std::uint64_t header_offset = 0;  ///< of the local header in the file
};

/// Reads the central directory, also that of a zip64 archive, and of one with something before it.
/// Throws Damage.
std::vector<ZipEntry> read_zip_directory(const ByteSource& file);

}  // namespace prism::sheet
