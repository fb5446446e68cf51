#include <doctest/doctest.h>

#include <prism/drivers/postgres/physical/cluster_files.hpp>

#include "support/thrown.hpp"
#include "unit/blocks/block_store.hpp"

namespace prism::postgres {
namespace {

using blocks::kBlockBytes;
using blocks::test::random_blocks;
using blocks::test::Store;
using blocks::test::Stream;

constexpr std::uint32_t kMagic = 0xD3AE1F0DU;

struct NoSink : ByteSink {
  void write(std::string_view) override {}
  void finish() override {}
};

/// The content of a file of changed pages.
std::string incremental(std::uint32_t truncation, const std::vector<std::uint32_t>& numbers,
                        const Stream& pages) {
  std::vector<std::uint32_t> head{kMagic, static_cast<std::uint32_t>(numbers.size()), truncation};
  head.insert(head.end(), numbers.begin(), numbers.end());
  std::string bytes(reinterpret_cast<const char*>(head.data()), head.size() * sizeof head[0]);
  if (!pages.empty()) bytes.resize(kBlockBytes);
  for (const std::string& page : pages) bytes += page;
  return bytes;
}

/// An earlier copy with one file, `base/5/1`, of these pages.
EarlierFiles earlier_with(Store& store, const Stream& pages) {
  EarlierFiles earlier;
  earlier.map = store.write(pages).map;
  StoredFile file;
  file.entry.path = "base/5/1";
  file.entry.size = pages.size() * kBlockBytes;
  earlier.files.emplace(file.entry.path, file);
  return earlier;
}

/// What the file becomes.
Stream combined(Store& store, const EarlierFiles& earlier, const std::string& changes,
                const std::string& path = "base/5/INCREMENTAL.1") {
  blocks::BlockWriter writer(store.repository, store.key, {}, store.cancel);
  NoSink list;
  ClusterFiles files(writer, list, &earlier);
  BackupEntry entry;
  entry.path = path;
  entry.size = changes.size();
  files.begin(entry);
  for (std::size_t at = 0; at < changes.size(); at += 1000) files.data(changes.substr(at, 1000));
  files.end();
  return store.read(writer.finish().map);
}

const std::string& empty_page() {
  static const std::string kPage(kBlockBytes, '\0');
  return kPage;
}

}  // namespace

TEST_CASE("cluster files: changed pages come between those of the earlier file") {
  Store store;
  Stream pages = random_blocks(6, 1);
  const EarlierFiles earlier = earlier_with(store, pages);
  const Stream changed = random_blocks(3, 2);
  const Stream found = combined(store, earlier, incremental(6, {1, 5, 7}, changed));
  pages[1] = changed[0];
  pages[5] = changed[1];
  pages.push_back(empty_page());
  pages.push_back(changed[2]);
  CHECK((found == pages));
  CHECK((combined(store, earlier, incremental(6, {}, {})) == random_blocks(6, 1)));
}

TEST_CASE("cluster files: what was truncated does not come back when the file grows again") {
  Store store;
  const Stream pages = random_blocks(8, 1);
  const EarlierFiles earlier = earlier_with(store, pages);
  const Stream changed = random_blocks(1, 2);
  const Stream found = combined(store, earlier, incremental(3, {6}, changed));
  CHECK((found == Stream{pages[0], pages[1], pages[2], empty_page(), empty_page(), empty_page(),
                         changed[0]}));
  CHECK((combined(store, earlier, incremental(2, {}, {})) == Stream{pages[0], pages[1]}));
}

TEST_CASE("cluster files: changes of a file that the earlier copy lacks, or that end early") {
  Store store;
  const EarlierFiles earlier = earlier_with(store, random_blocks(4, 1));
  const std::string changes = incremental(4, {1, 2}, random_blocks(2, 2));
  const auto check_refused = [&](const std::string& bytes, const std::string& path) {
    const auto thrown = test::thrown_by([&] { combined(store, earlier, bytes, path); });
    CHECK(thrown.code == ErrorCode::bad_data);
    CHECK(thrown.says(path));
  };
  check_refused(changes, "base/5/INCREMENTAL.2");
  check_refused(changes.substr(0, changes.size() - 1), "base/5/INCREMENTAL.1");
  check_refused(changes + "x", "base/5/INCREMENTAL.1");
  check_refused(changes + empty_page(), "base/5/INCREMENTAL.1");
}

}  // namespace prism::postgres
