#pragma once

#include <cstdio>
#include <cstring>
#include <string>

namespace prism::fuzz {

/// A tar archive with right checksums, which are hard to come upon.
inline std::string mended(std::string bytes) {
  constexpr std::size_t kBlock = 512, kChecksum = 148;
  for (std::size_t at = 0; at + kBlock <= bytes.size(); at += kBlock) {
    if (bytes.compare(at + 257, 5, "ustar") != 0) continue;
    std::memset(&bytes[at + kChecksum], ' ', 8);
    unsigned sum = 0;
    for (std::size_t i = at; i < at + kBlock; ++i) sum += static_cast<unsigned char>(bytes[i]);
    std::snprintf(&bytes[at + kChecksum], 8, "%06o", sum);
  }
  return bytes;
}

}  // namespace prism::fuzz
