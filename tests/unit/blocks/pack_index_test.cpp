#include <doctest/doctest.h>

#include <prism/base/sha256.hpp>
#include <prism/blocks/pack_index.hpp>

#include "support/thrown.hpp"

namespace prism::blocks {
namespace {

PackIndex some_index() {
  PackIndex index;
  index.pack = std::string(32, 'a');
  index.key_id = "0123456789abcdef";
  index.stored_bytes = 300;
  index.sha256 = std::string(64, 'b');
  index.frames = {{100, 2}, {200, 1}};
  index.lengths = {8192, 1, 4096};
  index.hashes.resize(3);
  index.hashes[2].fill(7);
  return index;
}

ErrorCode code_of(const std::string& bytes) {
  return prism::test::thrown_by([&] { read_pack_index(bytes); }).code;
}

template <typename Change>
ErrorCode code_with(Change&& change) {
  PackIndex index = some_index();
  change(index);
  return code_of(write_pack_index(index));
}

}  // namespace

TEST_CASE("pack index: read back as it was written") {
  PackIndex index = some_index();
  CHECK(read_pack_index(write_pack_index(index)) == index);
  index.encrypted = true;
  index.stored_bytes = 600;
  CHECK(read_pack_index(write_pack_index(index)) == index);
}

TEST_CASE("pack index: what is cut, changed, or contradicts itself is refused") {
  const std::string bytes = write_pack_index(some_index());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CHECK(code_of(bytes.substr(0, i)) == ErrorCode::bad_data);
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    CHECK(code_of(changed) == ErrorCode::bad_data);
  }
  CHECK(code_with([](PackIndex& index) { index.lengths[0] = 8193; }) == ErrorCode::bad_data);
  CHECK(code_with([](PackIndex& index) { index.lengths[0] = 0; }) == ErrorCode::bad_data);
  CHECK(code_with([](PackIndex& index) { index.frames[0].blocks = 1; }) == ErrorCode::bad_data);
  CHECK(code_with([](PackIndex& index) { index.frames[0].blocks = 65; }) == ErrorCode::bad_data);
  CHECK(code_with([](PackIndex& index) { index.stored_bytes = 301; }) == ErrorCode::bad_data);
  CHECK(code_with([](PackIndex& index) { index.encrypted = true; }) == ErrorCode::bad_data);
  CHECK(code_with([](PackIndex& index) { index.frames[0].stored_bytes = 1U << 31U; }) ==
        ErrorCode::bad_data);
  CHECK(code_with([](PackIndex& index) { index.hashes.pop_back(); }) == ErrorCode::bad_data);
  CHECK(code_with([](PackIndex& index) { index.frames.clear(); }) == ErrorCode::bad_data);
}

TEST_CASE("pack index: numbers beyond all bounds take no memory") {
  std::string bytes = write_pack_index(some_index());
  bytes.resize(bytes.size() - 32);
  for (const std::size_t at : {73UL, 77UL}) {
    std::string changed = bytes;
    changed.replace(at, 4, "\xff\xff\xff\xff");
    const std::string hash = sha256_hex(changed);
    for (std::size_t i = 0; i < hash.size(); i += 2) {
      changed += static_cast<char>(std::stoi(hash.substr(i, 2), nullptr, 16));
    }
    CHECK(code_of(changed) == ErrorCode::bad_data);
  }
}

}  // namespace prism::blocks
