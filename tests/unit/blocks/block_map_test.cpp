#include <doctest/doctest.h>

#include <prism/blocks/block_map.hpp>

#include "support/text_stream.hpp"
#include "support/thrown.hpp"

namespace prism::blocks {
namespace {

using prism::test::TextSink;
using prism::test::TextSource;

std::string written(const BlockMap& map) {
  TextSink sink;
  write_block_map(map, sink);
  return sink.text();
}

BlockMap read_back(const std::string& bytes) {
  TextSource source(bytes, 1000);
  return read_block_map(source);
}

BlockMap some_map(std::uint32_t extents) {
  BlockMap map;
  map.packs = {{std::string(32, 'a'), 67'108'864, std::string(64, '1'), std::string(64, '2')},
               {std::string(32, 'b'), 1, std::string(64, '3'), std::string(64, '4')}};
  for (std::uint32_t i = 0; i < extents; ++i) {
    map.extents.push_back({i % 2, i * 7919 % 65536, 1 + i % 5});
  }
  map.extents.push_back({1, 0, 1});
  return map;
}

ErrorCode code_of(const std::string& bytes) {
  return prism::test::thrown_by([&] { read_back(bytes); }).code;
}

}  // namespace

TEST_CASE("block map: read back as it was written, in about five bytes an extent") {
  for (const std::uint32_t extents : {0U, 1U, 300'000U}) {
    const BlockMap map = some_map(extents);
    const std::string bytes = written(map);
    CHECK((read_back(bytes) == map));
    CHECK(bytes.size() < 500 + 5 * std::size_t{extents});
  }
  CHECK(read_back(written({})) == BlockMap{});
  CHECK(some_map(5).block_count() == 1 + 2 + 3 + 4 + 5 + 1);
}

TEST_CASE("block map: what is none is refused") {
  const std::string bytes = written(some_map(10));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(code_of(bytes.substr(0, size)) == ErrorCode::bad_data);
  }
  CHECK(code_of(bytes + '\0') == ErrorCode::bad_data);
  std::string other_version = bytes;
  other_version[7] = '2';
  CHECK(code_of(other_version) == ErrorCode::bad_data);
  // Numbers of packs and extents that no input could hold.
  CHECK(code_of("PRISMBM1\xff\xff\xff\xff\x7f") == ErrorCode::bad_data);
  CHECK(code_of(std::string("PRISMBM1\0\xff\xff\xff\xff\x7f", 14)) == ErrorCode::bad_data);

  BlockMap nowhere = some_map(0);
  nowhere.extents[0].pack = 2;
  CHECK(code_of(written(nowhere)) == ErrorCode::bad_data);
  nowhere.extents[0] = {0, 0, 0};
  CHECK(code_of(written(nowhere)) == ErrorCode::bad_data);
  nowhere.extents[0] = {0, 0xFFFFFFFF, 2};
  CHECK(code_of(written(nowhere)) == ErrorCode::bad_data);
}

}  // namespace prism::blocks
