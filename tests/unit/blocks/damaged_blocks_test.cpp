#include <fstream>

#include "support/age_key.hpp"
#include "support/thrown.hpp"
#include "unit/blocks/block_store.hpp"

namespace prism::blocks {
namespace {

using test::random_blocks;
using test::Store;
using test::Stream;

void flip(const std::filesystem::path& file, std::size_t at) {
  std::string content = prism::test::content_of(file);
  content.at(at) = static_cast<char>(content.at(at) ^ 1);
  std::ofstream(file, std::ios::binary) << content;
}

struct Damaged : Store {
  std::filesystem::path file(const std::string& name) { return folder / "repository" / name; }

  void refuses(const std::string& name, const ReaderOptions& options = {}) {
    const auto refused = prism::test::thrown_by([&] { read(written.map, options); });
    CHECK(refused.code == ErrorCode::bad_data);
    CHECK(refused.says(name));
    const auto checked = prism::test::thrown_by(
        [&] { check_stored_packs(repository, written.map.packs, encrypted, cancel); });
    CHECK(checked.code == ErrorCode::bad_data);
    CHECK(checked.says(name));
  }

  void store(const WriteOptions& options = {}) {
    encrypted = !options.recipients.empty();
    written = write(stream, options);
    id = written.map.packs.at(0).id;
    pack = "blocks/packs/" + id + (encrypted ? ".age" : "");
    index = "blocks/index/" + id;
  }

  Stream stream = random_blocks(100, 1);
  Written written;
  bool encrypted = false;
  std::string id, pack, index;
};

}  // namespace

TEST_CASE("blocks: a damaged pack is named, wherever it is") {
  for (const std::size_t at : {0UL, 5000UL, 600'000UL}) {
    CAPTURE(at);
    Damaged store;
    store.store();
    flip(store.file(store.pack), at);
    store.refuses(store.pack);
  }
  Damaged store;
  store.store();
  std::filesystem::resize_file(store.file(store.pack), 700'000);
  store.refuses(store.pack);
  // What is cut is not known, and told of.
  BlockWriter writer(store.repository, store.key, {}, store.cancel);
  REQUIRE(writer.remarks().size() == 1);
  CHECK(writer.remarks()[0].find(store.pack) != std::string::npos);
  std::filesystem::remove(store.file(store.pack));
  store.refuses(store.pack);
}

TEST_CASE("blocks: a damaged part that is not wanted is found as well") {
  Damaged store;
  store.store();
  flip(store.file(store.pack), 700'000);
  const auto refused = prism::test::thrown_by([&] { store.read(store.written.map, {0, 1}); });
  CHECK(refused.code == ErrorCode::bad_data);
  CHECK(refused.says(store.pack));
}

TEST_CASE("blocks: a damaged pack that is encrypted is named") {
  for (const std::size_t at : {70UL, 5000UL, 800'000UL}) {
    CAPTURE(at);
    Damaged store;
    const prism::test::AgeKey age(store.folder / "identity");
    store.store({.recipients = {age.recipient}});
    flip(store.file(store.pack), at);
    store.refuses(store.pack, {.identity_file = age.file});
  }
}

TEST_CASE("blocks: a damaged index is named; a run goes on without it, and says so") {
  for (const std::size_t at : {0UL, 100UL, 2000UL}) {
    CAPTURE(at);
    Damaged store;
    store.store();
    flip(store.file(store.index), at);
    store.refuses(store.index);
    BlockWriter writer(store.repository, store.key, {}, store.cancel);
    for (const std::string& block : store.stream) writer.write(block);
    CHECK(writer.finish().new_blocks == store.stream.size());
    REQUIRE(writer.remarks().size() == 1);
    CHECK(writer.remarks()[0].find(store.index) != std::string::npos);
  }
  Damaged store;
  store.store();
  std::filesystem::remove(store.file(store.index));
  store.refuses(store.index);
  CHECK(store.write(store.stream).new_blocks == store.stream.size());
}

TEST_CASE("blocks: the index of another pack in its place is refused") {
  Damaged store;
  store.store();
  const Written other = store.write(random_blocks(100, 2));
  std::filesystem::copy_file(store.file("blocks/index/" + other.map.packs[0].id),
                             store.file(store.index),
                             std::filesystem::copy_options::overwrite_existing);
  store.refuses(store.index);
  CHECK(store.write(store.stream).new_blocks == store.stream.size());
}

TEST_CASE("blocks: an extent beyond its pack is refused") {
  Damaged store;
  store.store();
  store.written.map.extents.back().first += 1;
  const auto refused = prism::test::thrown_by([&] { store.read(store.written.map); });
  CHECK(refused.code == ErrorCode::bad_data);
  CHECK(refused.says(store.index));
}

}  // namespace prism::blocks
