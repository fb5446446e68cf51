#pragma once

#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <prism/blocks/block_reader.hpp>
#include <prism/blocks/block_writer.hpp>
#include <prism/repository/folder.hpp>

#include "support/temporary.hpp"

namespace prism::blocks::test {

using Stream = std::vector<std::string>;

/// Blocks of random bytes, of `bytes` each.
inline Stream random_blocks(std::size_t count, unsigned seed, std::size_t bytes = kBlockBytes) {
  std::mt19937 random(seed);
  Stream blocks(count, std::string(bytes, '\0'));
  for (std::string& block : blocks) {
    for (char& c : block) c = static_cast<char>(random());
  }
  return blocks;
}

/// A repository in a folder, and what is stored there by a key.
struct Store {
  Written write(const Stream& stream, const WriteOptions& options = {}) {
    BlockWriter writer(repository, key, options, cancel);
    for (const std::string& block : stream) writer.write(block);
    CHECK(writer.size() == stream.size());
    return writer.finish();
  }

  /// By their numbers, each exactly once.
  std::map<std::uint64_t, std::string> read(const BlockMap& map, const BlockRange& range,
                                            ReaderOptions options = {}) {
    std::mutex mutex;
    std::map<std::uint64_t, std::string> blocks;
    if (!options.key) options.key = key;
    BlockReader reader(repository, map, options, cancel);
    reader.read({&range, 1}, [&](std::uint64_t number, std::string_view block) {
      const std::lock_guard lock(mutex);
      CHECK(blocks.emplace(number, block).second);
    });
    return blocks;
  }

  Stream read(const BlockMap& map, const ReaderOptions& options = {}) {
    Stream stream;
    for (auto& [number, block] : read(map, {0, map.block_count()}, options)) {
      CHECK(number == stream.size());
      stream.push_back(std::move(block));
    }
    return stream;
  }

  std::vector<std::string> objects(const std::string& prefix) {
    std::vector<std::string> names;
    for (const auto& object : repository.list(prefix)) names.push_back(object.name);
    return names;
  }

  prism::test::Folder folder;
  repository::FolderRepository repository{folder / "repository"};
  BlockKey key = BlockKey::make();
  Cancel cancel;
};

}  // namespace prism::blocks::test
