#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include <prism/base/export.hpp>

namespace prism {

// The blocks of a tar archive, for who looks into it as it goes past. Who may wait for it reads a
// TarStream.

constexpr std::size_t kTarBlock = 512;
using TarBlock = std::array<char, kTarBlock>;

/// The header of an entry: POSIX ustar, or that of GNU, which has numbers of base 256 (pax(1),
/// "ustar Interchange Format"; tar(5)).
struct TarHeader {
  std::string path;    ///< with its prefix
  std::string target;  ///< of a link
  char type = '0';     ///< `0` file, `2` symbolic link, `5` folder, `x` extended header, …
  std::uint32_t mode = 0;
  std::uint64_t size = 0;     ///< bytes; of content only where the type has some
  std::int64_t modified = 0;  ///< seconds since 1970
};

/// Throws Error(bad_data) for what is none, or has another checksum than it says.
PRISM_API TarHeader parse_tar_header(const TarBlock& block);

/// Of zeros alone: two of them end an archive.
PRISM_API bool ends_tar(const TarBlock& block);

/// What fills the last block behind a content of that size.
constexpr std::uint64_t tar_padding(std::uint64_t size) {
  return (kTarBlock - size % kTarBlock) % kTarBlock;
}

}  // namespace prism
