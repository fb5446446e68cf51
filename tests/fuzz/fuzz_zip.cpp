// The input is a zip archive.

#include <algorithm>

#include <prism/sheet/inflate.hpp>
#include <prism/sheet/zip_archive.hpp>

#include "check.hpp"
#include "support/memory_source.hpp"

namespace prism::sheet::fuzz {
namespace {

struct Content {
  std::uint64_t size = 0;
  std::uint32_t crc = 0;
  bool operator==(const Content&) const = default;
};

/// Reads a part in pieces of that size. Assembler code unpacks it, which no sanitizer looks at: the
/// bytes behind the piece are watched here.
Content content_of(ByteStream& part, std::size_t piece) {
  constexpr std::size_t kWatched = 512;
  constexpr char kMark = 0x5A;
  std::vector<char> buffer(piece + kWatched, kMark);
  Content content;
  for (;;) {
    const std::size_t size = part.read(std::span(buffer).first(piece));
    require_that(size <= piece, "more was read than was asked for");
    require_that(std::count(buffer.end() - kWatched, buffer.end(), kMark) == kWatched,
                 "bytes were written behind the buffer");
    if (size == 0) return content;
    content.size += size;
    content.crc = update_crc32(content.crc, std::span(buffer).first(size));
  }
}

void read_part(const ZipArchive& archive, const std::string& name) {
  Content in_large_pieces;
  Content in_small_pieces;
  const auto read = [&](Content& content, std::size_t piece) {
    return accepted([&] { content = content_of(*archive.open(name), piece); });
  };
  const bool once = read(in_large_pieces, 100'000);
  const bool again = read(in_small_pieces, 777);
  require_that(once == again && in_large_pieces == in_small_pieces,
               "a part differs when read in pieces");
}

void read_archive(const std::string& bytes) {
  constexpr std::size_t kMost = 4;
  const test::MemorySource file(bytes);
  const ZipArchive archive(file);
  const auto entries = read_zip_directory(file);
  require_that(!entries.empty(), "an archive has no parts");
  for (std::size_t i = 0; i < std::min(entries.size(), kMost); ++i) {
    const std::string& name = entries[i].name;
    require_that(archive.contains(name) || name.starts_with('/'), "a part is not there");
    read_part(archive, name);
  }
}

}  // namespace
}  // namespace prism::sheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::sheet::fuzz;
  const std::string bytes = text_of(data, size);
  accepted([&] { read_archive(bytes); });
  return 0;
}
