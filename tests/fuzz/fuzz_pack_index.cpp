// The input is the index of a pack, with its own hash at the end and with the right one, which is
// hard to come upon: what is taken must be the same when it is written again.

#include <prism/base/sha256.hpp>
#include <prism/blocks/binary.hpp>
#include <prism/blocks/pack_index.hpp>

#include "check.hpp"

namespace prism::blocks::fuzz {
namespace {

using sheet::fuzz::require_that;

void check(const std::string& bytes) {
  const PackIndex index = read_pack_index(bytes);
  require_that(is_pack_id(index.pack), "a pack that can't be called so");
  require_that(index.hashes.size() == index.lengths.size(), "blocks without hashes");
  std::size_t blocks = 0;
  for (const FrameRecord& frame : index.frames) blocks += frame.blocks;
  require_that(blocks == index.lengths.size(), "blocks without a frame");
  for (const std::uint16_t length : index.lengths) {
    require_that(length > 0 && length <= kBlockBytes, "a block of no size");
  }
  require_that(write_pack_index(index) == bytes, "what is written is another index");
}

void read(const std::string& bytes) {
  sheet::fuzz::accepted([&] { check(bytes); });
}

std::string hashed(std::string bytes) {
  append_hex(bytes, sha256_hex(bytes));
  return bytes;
}

}  // namespace
}  // namespace prism::blocks::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::blocks::fuzz;
  const std::string bytes = prism::sheet::fuzz::text_of(data, size);
  read(bytes);
  read(hashed(bytes));
  return 0;
}
