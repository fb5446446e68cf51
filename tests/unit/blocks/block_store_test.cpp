#include "unit/blocks/block_store.hpp"

#include <algorithm>

#include "support/age_key.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace prism::blocks {
namespace {

using test::random_blocks;
using test::Store;
using test::Stream;

WriteOptions small_packs() { return {.pack_bytes = 1 << 20}; }

/// Blocks of all sizes, of which some come again, near and far.
Stream mixed_blocks() {
  Stream stream = random_blocks(300, 1);
  const Stream few = random_blocks(5, 2, 17);
  for (std::size_t i = 0; i < 200; ++i) {
    stream.push_back(stream[i * 7 % 300]);
    stream.push_back(std::string(kBlockBytes, '\0'));
    if (i % 3 == 0) stream.push_back(few[i % 5]);
    if (i % 5 == 0) stream.push_back(std::string(1 + i, 'x'));
  }
  return stream;
}

/// The same but for what packs are called and hashed to.
std::vector<std::uint32_t> shape_of(const BlockMap& map) {
  std::vector<std::uint32_t> shape{static_cast<std::uint32_t>(map.packs.size())};
  for (const Extent& extent : map.extents) {
    shape.insert(shape.end(), {extent.pack, extent.first, extent.count});
  }
  return shape;
}

}  // namespace

TEST_CASE("blocks: what is written is read back, from several packs") {
  Store store;
  const Stream stream = mixed_blocks();
  const Written written = store.write(stream, small_packs());
  CHECK(written.map.packs.size() > 2);
  CHECK(written.map.block_count() == stream.size());
  CHECK((store.read(written.map) == stream));
  std::uint64_t stored = 0;
  for (const auto& object : store.repository.list("blocks/")) stored += object.size;
  CHECK(written.stored_bytes == stored);
  for (const PackRecord& pack : written.map.packs) CHECK(pack.stored_bytes <= 1 << 20);
  const Stream all(stream);
  CHECK(written.new_blocks == std::set<std::string>(all.begin(), all.end()).size());
}

TEST_CASE("blocks: a stream of none") {
  Store store;
  const Written written = store.write({});
  CHECK(written.map == BlockMap{});
  CHECK(written.stored_bytes == 0);
  CHECK(store.read(written.map).empty());
  CHECK(store.objects("blocks/").empty());
}

TEST_CASE("blocks: what is there is not stored again, and what is new is") {
  Store store;
  Stream stream = mixed_blocks();
  const Written first = store.write(stream, small_packs());
  const Written second = store.write(stream);
  CHECK(second.new_blocks == 0);
  CHECK(second.stored_bytes == 0);
  CHECK((store.read(second.map) == stream));

  const Stream changed = random_blocks(70, 3);
  for (std::size_t i = 0; i < 70; ++i) stream[i * 4] = changed[i];
  const Written third = store.write(stream);
  CHECK(third.new_blocks == 70);
  CHECK(third.new_bytes == 70 * kBlockBytes);
  CHECK((store.read(third.map) == stream));
  CHECK(store.write(stream, {.reuse = false}).new_blocks > 300);

  store.key = BlockKey::make();
  CHECK(store.write(stream).new_blocks > 300);
}

TEST_CASE("blocks: however many threads there are, the map is the same") {
  const Stream stream = mixed_blocks();
  std::vector<std::vector<std::uint32_t>> shapes;
  for (const std::size_t threads : {1, 4}) {
    Store store;
    store.key = BlockKey::parse(std::string(64, '7'), "test");
    WriteOptions options = small_packs();
    options.threads = threads;
    shapes.push_back(shape_of(store.write(stream, options).map));
  }
  CHECK(shapes[0] == shapes[1]);
}

TEST_CASE("blocks: ranges of a stream, each from the packs that it needs") {
  Store store;
  const Stream stream = random_blocks(500, 4);
  const Written written = store.write(stream, small_packs());
  store.repository.remove("blocks/packs/" + written.map.packs.back().id);
  const std::vector<BlockRange> wanted{{3, 1}, {60, 10}, {100, 1}};
  std::mutex mutex;
  std::map<std::uint64_t, std::string> found;
  BlockReader reader(store.repository, written.map, {}, store.cancel);
  reader.read(wanted, [&](std::uint64_t number, std::string_view block) {
    const std::lock_guard lock(mutex);
    found.emplace(number, block);
  });
  CHECK(found.size() == 12);
  for (const auto& [number, block] : found) CHECK((block == stream[number]));
}

TEST_CASE("blocks: runs of an earlier stream are part of a new one") {
  Store store;
  const Stream stream = random_blocks(400, 5);
  const Stream more = random_blocks(3, 6);
  const Written earlier = store.write(stream, small_packs());
  BlockWriter writer(store.repository, store.key, {}, store.cancel);
  writer.refer(earlier.map, 390, 10);
  writer.write(more[0]);
  writer.refer(earlier.map, 100, 200);
  writer.write(stream[7]);
  for (std::uint64_t i = 0; i < 3000; ++i) writer.refer(earlier.map, i % 400, 1);
  writer.write(more[1]);
  CHECK(prism::test::thrown_by([&] { writer.refer(earlier.map, 399, 2); }).code ==
        ErrorCode::internal);
  const Written written = writer.finish();
  Stream expected(stream.begin() + 390, stream.end());
  expected.push_back(more[0]);
  expected.insert(expected.end(), stream.begin() + 100, stream.begin() + 300);
  expected.push_back(stream[7]);
  for (std::size_t i = 0; i < 3000; ++i) expected.push_back(stream[i % 400]);
  expected.push_back(more[1]);
  CHECK(written.new_blocks == 2);
  CHECK(written.map.packs.size() == earlier.map.packs.size() + 1);
  CHECK((store.read(written.map) == expected));
}

TEST_CASE("blocks: a pack that is not there is neither known nor referred to") {
  Store store;
  const Stream stream = random_blocks(400, 7);
  const Written earlier = store.write(stream, small_packs());
  const PackRecord& lost = earlier.map.packs[1];
  store.repository.remove("blocks/packs/" + lost.id);
  BlockWriter writer(store.repository, store.key, {}, store.cancel);
  const auto refused = prism::test::thrown_by([&] { writer.refer(earlier.map, 0, stream.size()); });
  CHECK(refused.code == ErrorCode::bad_data);
  CHECK(refused.says("blocks/packs/" + lost.id));
  const Written again = store.write(stream);
  CHECK(again.new_blocks > 50);
  CHECK(again.new_blocks < 200);
  CHECK((store.read(again.map) == stream));
}

TEST_CASE("blocks: packs that are not to be used are stored anew, and not referred to") {
  Store store;
  const Stream stream = random_blocks(400, 7);
  const Written earlier = store.write(stream, small_packs());
  WriteOptions options;
  options.unused_packs = {earlier.map.packs[1].id};
  const Written again = store.write(stream, options);
  CHECK(again.new_blocks > 50);
  CHECK(again.new_blocks < 200);
  for (const PackRecord& pack : again.map.packs) CHECK(!options.unused_packs.contains(pack.id));
  CHECK((store.read(again.map) == stream));
  BlockWriter writer(store.repository, store.key, options, store.cancel);
  CHECK(!writer.trouble_with(earlier.map).empty());
  CHECK(writer.trouble_with(again.map).empty());
}

TEST_CASE("blocks: what an earlier map needs is looked for before it is referred to") {
  Store store;
  const Written earlier = store.write(random_blocks(400, 7), small_packs());
  const PackRecord& pack = earlier.map.packs[1];
  const auto trouble = [&](const BlockKey& key, const WriteOptions& options = {}) {
    return BlockWriter(store.repository, key, options, store.cancel).trouble_with(earlier.map);
  };
  CHECK(trouble(store.key) == "");
  CHECK(trouble(BlockKey::make()).find("another key") != std::string::npos);
  const prism::test::AgeKey age(store.folder / "identity");
  CHECK(trouble(store.key, {.recipients = {age.recipient}}).find("not there") != std::string::npos);
  BlockMap other = earlier.map;
  other.packs[0].sha256 = other.packs[1].sha256;
  CHECK(!BlockWriter(store.repository, store.key, {}, store.cancel).trouble_with(other).empty());
  store.repository.remove("blocks/index/" + pack.id);
  CHECK(trouble(store.key).find(pack.id) != std::string::npos);
  store.repository.remove("blocks/packs/" + pack.id);
  CHECK(trouble(store.key).find(pack.id + ": is not there") != std::string::npos);
}

TEST_CASE("blocks: a run that ends early leaves whole packs, which the next one knows") {
  Store store;
  const Stream stream = random_blocks(2000, 8);
  {
    BlockWriter writer(store.repository, store.key, small_packs(), store.cancel);
    for (const std::string& block : stream) writer.write(block);
    CHECK(prism::test::comes_true([&] { return !store.objects("blocks/packs/").empty(); }));
  }
  const auto packs = store.objects("blocks/packs/");
  CHECK(packs.size() == store.objects("blocks/index/").size());
  const Written written = store.write(stream);
  CHECK(written.new_blocks < stream.size());
  CHECK((store.read(written.map) == stream));
}

TEST_CASE("blocks: encrypted, written by a host that can't decrypt") {
  Store store;
  const prism::test::AgeKey age(store.folder / "identity");
  const Stream stream = mixed_blocks();
  WriteOptions options = small_packs();
  options.recipients = {age.recipient};
  const Written first = store.write(stream, options);
  CHECK(store.write(stream, options).new_blocks == 0);
  CHECK(store.write(stream).new_blocks > 0);
  for (const PackRecord& pack : first.map.packs) CHECK(pack.stored_bytes <= 1 << 20);
  const auto names = store.objects("blocks/packs/");
  CHECK(std::count_if(names.begin(), names.end(), [](const std::string& name) {
          return name.ends_with(".age");
        }) == static_cast<std::ptrdiff_t>(first.map.packs.size()));

  CHECK((store.read(first.map, {.identity_file = age.file}) == stream));
  CHECK(prism::test::thrown_by([&] { store.read(first.map); }).code == ErrorCode::configuration);
  const prism::test::AgeKey other(store.folder / "other");
  CHECK(prism::test::thrown_by([&] {
          store.read(first.map, {.identity_file = other.file});
        }).code == ErrorCode::permission);
  check_stored_packs(store.repository, first.map.packs, true, store.cancel);
}

TEST_CASE("blocks: what fails while packs are written reaches the one who writes") {
  class FullDisk : public repository::FolderRepository {
   public:
    using FolderRepository::FolderRepository;
    std::unique_ptr<ByteSink> create(const std::string&) override {
      throw Error(ErrorCode::io, "the disk is full");
    }
  };
  Store store;
  FullDisk full(store.folder / "full");
  const Stream stream = random_blocks(200, 9);
  const auto failed = prism::test::thrown_by([&] {
    BlockWriter writer(full, store.key, {}, store.cancel);
    for (int i = 0; i < 100; ++i) {
      for (const std::string& block : stream) writer.write(block);
    }
    writer.finish();
  });
  CHECK(failed.code == ErrorCode::io);
  BlockWriter writer(store.repository, store.key, {}, store.cancel);
  CHECK(prism::test::thrown_by([&] { writer.write(""); }).code == ErrorCode::internal);
  CHECK(prism::test::thrown_by([&] { writer.write(std::string(8193, 'x')); }).code ==
        ErrorCode::internal);
}

TEST_CASE("blocks: hashes tell what a stream holds, and find_key_of by which key") {
  Store store;
  const KeyOptions options;
  std::vector<std::string> remarks;
  store.key = key_for_writing(store.repository, options, store.cancel, remarks);
  const Stream stream = mixed_blocks();
  const Written written = store.write(stream, small_packs());
  BlockHasher hasher(store.key);
  std::size_t count = 0;
  const auto take = [&](std::uint64_t number, const BlockHash& hash) {
    ++count;
    CHECK((hash == hasher.hash(stream[number])));
  };
  CHECK(BlockReader(store.repository, written.map, {.key = store.key}, store.cancel).hashes(take));
  CHECK(count == stream.size());
  const auto nothing = [](std::uint64_t, const BlockHash&) {};
  const BlockKey other = BlockKey::make();
  CHECK(!BlockReader(store.repository, written.map, {.key = other}, store.cancel).hashes(nothing));

  const auto found = find_key_of(store.repository, written.map, options, store.cancel);
  REQUIRE(found);
  CHECK(found->id() == store.key.id());
  CHECK(!find_key_of(store.repository, {}, options, store.cancel));
  BlockWriter writer(store.repository, other, {}, store.cancel);
  writer.refer(written.map, 0, 1);
  writer.write("another");
  const Written two_keys = writer.finish();
  CHECK(!find_key_of(store.repository, two_keys.map, options, store.cancel));
  CHECK(!BlockReader(store.repository, two_keys.map, {}, store.cancel).hashes(nothing));
}

}  // namespace prism::blocks
