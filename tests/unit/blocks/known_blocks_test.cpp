#include <cstring>
#include <random>

#include <doctest/doctest.h>

#include <prism/blocks/known_blocks.hpp>

#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::blocks {
namespace {

BlockHash hash_of(std::uint64_t number) {
  std::mt19937_64 random(number);
  BlockHash hash{};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::uint64_t part = random();
    std::memcpy(hash.data() + 8 * i, &part, 8);
  }
  return hash;
}

void fill_and_ask(KnownBlocks& known) {
  constexpr std::uint64_t kMany = 20'000;
  for (std::uint64_t i = 0; i < kMany; ++i)
    CHECK(known.add(hash_of(i), new_place(i)) == new_place(i));
  CHECK(known.size() == kMany);
  for (std::uint64_t i = 0; i < kMany; ++i) CHECK(known.add(hash_of(i), 0) == new_place(i));
  CHECK(known.size() == kMany);
}

}  // namespace

TEST_CASE("known blocks: grow beyond what was expected, in memory and in a file") {
  const prism::test::Folder folder;
  KnownBlocks in_memory(0, "/nowhere");
  fill_and_ask(in_memory);
  KnownBlocks from_then_on_in_file(0, folder.path(), 100'000);
  fill_and_ask(from_then_on_in_file);
  KnownBlocks in_file(20'000, folder.path(), 0);
  fill_and_ask(in_file);
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK(prism::test::thrown_by([] { KnownBlocks(20'000, "/nowhere", 0); }).code == ErrorCode::io);
}

TEST_CASE("known blocks: hashes that begin alike are told apart") {
  KnownBlocks known(0, {});
  for (std::uint8_t i = 0; i < 200; ++i) {
    BlockHash hash{};
    hash.back() = i;
    CHECK(known.add(hash, i) == i);
  }
}

TEST_CASE("known blocks: the lowest of several places, in whichever order they come") {
  KnownBlocks known(0, {});
  known.add_lowest(hash_of(1), place_in(5, 1));
  known.add_lowest(hash_of(1), place_in(2, 9));
  known.add_lowest(hash_of(1), place_in(7, 0));
  CHECK(known.add(hash_of(1), 0) == place_in(2, 9));
  CHECK(known.size() == 1);
}

}  // namespace prism::blocks
