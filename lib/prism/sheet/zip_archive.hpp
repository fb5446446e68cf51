#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/sheet/byte_source.hpp>
#include <prism/sheet/byte_stream.hpp>
#include <prism/sheet/zip_directory.hpp>

namespace prism::sheet {

/// What becomes of a part's content. It tells from which size on a part that unpacks to 200 times
/// its size is taken for one that is meant to hurt: 16 MiB, or 1 GiB where only time is at stake.
enum class PartUse : std::uint8_t { held, streamed };

/// A zip archive open for reading, stored or deflated parts, also zip64. Throws Damage.
class PRISM_API ZipArchive {
 public:
  /// `file` must outlive this and its parts.
  explicit ZipArchive(const ByteSource& file);

  /// Names are compared without regard to case, and `\` is taken as `/`: [ECMA-376] part 2, section
  /// 6.2.2.3, and what some programs write. They do not begin with a slash.
  bool contains(std::string_view name) const { return find(name) != nullptr; }

  /// The content of the part, which is checked against its CRC at its end; Damage when there is
  /// none. Several parts may be read at the same time. What their reading throws names no part.
  std::unique_ptr<ByteStream> open(std::string_view name, PartUse use = PartUse::held) const;

 private:
  const ZipEntry* find(std::string_view name) const;

  const ByteSource& file_;
  std::vector<ZipEntry> entries_;
};

}  // namespace prism::sheet
