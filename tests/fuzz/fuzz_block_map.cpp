// The input is a map of blocks: what is taken must be read back as the same from what is written.

#include <prism/blocks/block_map.hpp>

#include "check.hpp"
#include "support/text_stream.hpp"

namespace prism::blocks::fuzz {
namespace {

using sheet::fuzz::require_that;

BlockMap read(std::string_view bytes) {
  test::TextSource source(bytes, 777);
  return read_block_map(source);
}

void check(std::string_view bytes) {
  const BlockMap map = read(bytes);
  std::uint64_t blocks = 0;
  for (const Extent& extent : map.extents) {
    require_that(extent.pack < map.packs.size(), "a pack that is not there");
    require_that(extent.count > 0, "an extent of nothing");
    require_that(extent.first + extent.count > extent.first, "an extent beyond all numbers");
    blocks += extent.count;
  }
  require_that(map.block_count() == blocks, "another number of blocks");
  test::TextSink sink;
  write_block_map(map, sink);
  require_that(read(sink.text()) == map, "what is written is another map");
}

}  // namespace
}  // namespace prism::blocks::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes = prism::sheet::fuzz::text_of(data, size);
  prism::sheet::fuzz::accepted([&] { prism::blocks::fuzz::check(bytes); });
  return 0;
}
