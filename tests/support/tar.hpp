#pragma once

#include <cstdio>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

// Tar archives (POSIX ustar), made by hand.

namespace prism::test {

/// An archive whose headers have the right checksums.
inline std::string with_tar_checksums(std::string bytes) {
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

/// What an archive ends with.
inline std::string tar_end() { return std::string(1024, '\0'); }

/// The header of an entry, its content, and what fills its last block.
inline std::string tar_entry(const std::string& name, const std::string& content, char type = '0') {
  std::string entry(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) {
    entry.replace(at, text.size(), text);
  };
  put(0, name);
  put(100, "0000600");
  put(108, "0000000");
  put(116, "0000000");
  put(124, fmt::format("{:011o}", content.size()));
  put(136, "00000000000");
  put(156, std::string(1, type));
  put(257, "ustar");
  put(263, "00");
  entry = with_tar_checksums(entry) + content;
  entry.resize((entry.size() + 511) / 512 * 512, '\0');
  return entry;
}

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

/// A whole archive of plain files.
inline std::string tar_of(const NamedTexts& files) {
  std::string tar;
  for (const auto& [name, content] : files) tar += tar_entry(name, content);
  return tar + tar_end();
}

}  // namespace prism::test
