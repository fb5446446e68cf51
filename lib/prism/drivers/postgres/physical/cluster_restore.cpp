#include <algorithm>
#include <array>

#include <prism/base/error.hpp>
#include <prism/drivers/postgres/physical/cluster_copy.hpp>
#include <prism/drivers/postgres/physical/cluster_restore.hpp>
#include <prism/drivers/postgres/physical/data_folder.hpp>
#include <prism/drivers/postgres/physical/passed_bytes.hpp>

namespace prism::postgres {
namespace {

using blocks::BlockRange;

bool has_file(const ClusterCopy& copy, const std::string& path) {
  return std::any_of(copy.files.begin(), copy.files.end(),
                     [&](const StoredFile& file) { return file.entry.path == path; });
}

std::vector<BlockRange> ranges_of(std::vector<std::uint64_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  std::vector<BlockRange> ranges;
  for (const std::uint64_t number : numbers) {
    if (!ranges.empty() && ranges.back().first + ranges.back().count == number) {
      ++ranges.back().count;
    } else {
      ranges.push_back({number, 1});
    }
  }
  return ranges;
}

bool contains(const std::vector<BlockRange>& ranges, std::uint64_t number) {
  const auto behind = std::upper_bound(
      ranges.begin(), ranges.end(), number,
      [](std::uint64_t wanted, const BlockRange& range) { return wanted < range.first; });
  return behind != ranges.begin() && number - std::prev(behind)->first < std::prev(behind)->count;
}

/// Those that are not in the folder as they should be, by their hashes; nothing where there is no
/// key to hash with.
std::optional<std::vector<BlockRange>> differing(blocks::BlockReader& reader, DataFolder& folder,
                                                 const blocks::ReaderOptions& options) {
  if (!options.key) return {};
  const auto wanted = folder.wanted();
  blocks::BlockHasher hasher(*options.key);
  std::vector<std::uint64_t> numbers;
  std::array<char, blocks::kBlockBytes> block{};
  const bool known = reader.hashes([&](std::uint64_t number, const blocks::BlockHash& hash) {
    if (!contains(wanted, number)) return;
    const std::string_view there = folder.read(number, block);
    if (there.empty() || hasher.hash(there) != hash) numbers.push_back(number);
  });
  if (!known) return {};
  return ranges_of(std::move(numbers));
}

/// Writes what differs, where it could not be told before it was read.
void write_differing(DataFolder& folder, std::uint64_t number, std::string_view block) {
  std::array<char, blocks::kBlockBytes> there{};
  if (folder.read(number, there) != block) folder.write(number, block);
}

void fill(const ClusterOptions& options, const ClusterCopy& copy, DataFolder& folder,
          PassedBytes& progress, const Cancel& cancel) {
  const auto reading = reader_options(options, copy.map, cancel);
  blocks::BlockReader reader(*options.repository, copy.map, reading, cancel);
  const auto some = options.rewrite ? differing(reader, folder, reading) : std::nullopt;
  reader.read(some ? *some : folder.wanted(), [&](std::uint64_t number, std::string_view block) {
    progress.add(block.size());
    if (options.rewrite && !some) {
      write_differing(folder, number, block);
    } else {
      folder.write(number, block);
    }
  });
}

void configure(const ClusterOptions& options, const ClusterCopy& copy, DataFolder& folder) {
  if (!has_file(copy, "postgresql.conf")) {
    folder.put("postgresql.conf", configuration_lines(copy.record));
  }
  if (!has_file(copy, "pg_hba.conf")) folder.put("pg_hba.conf", access_lines(copy.record));
  if (!has_file(copy, "pg_ident.conf")) folder.put("pg_ident.conf", copy.record.ident);
  folder.put("postgresql.auto.conf",
             with_recovery(folder.content("postgresql.auto.conf"), options.recovery, copy.record));
  folder.put("recovery.signal", "");
}

}  // namespace

void require_cluster_restorable(const ClusterOptions& options, backup::ArtifactReader& artifacts) {
  const ClusterCopy copy = read_cluster_copy(artifacts);
  const DataFolder folder(options.folder, options.tablespaces, copy.files);
  folder.require_free(copy.record.bounds.tablespaces);
  if (folder.holds_something()) return;  // what is there goes, or stays: how much isn't known
  auto parent = std::filesystem::absolute(options.folder);
  while (!std::filesystem::exists(parent)) parent = parent.parent_path();
  require_space(parent, folder.needed_bytes());
}

backup::Content restore_cluster(const ClusterOptions& options, backup::ArtifactReader& artifacts,
                                const Cancel& cancel) {
  const ClusterCopy copy = read_cluster_copy(artifacts);
  DataFolder folder(options.folder, options.tablespaces, copy.files);
  folder.require_free(copy.record.bounds.tablespaces);
  folder.prepare(copy.record.bounds.tablespaces, options.rewrite);
  PassedBytes progress([&](std::uint64_t bytes) { artifacts.passed(bytes); });
  fill(options, copy, folder, progress, cancel);
  // A manifest of changed pages is none of these files.
  if (copy.record.incremental) {
    folder.put("backup_label", label_of_whole(folder.content("backup_label")));
  } else {
    folder.put("backup_manifest", *artifacts.open(kServerManifest));
  }
  configure(options, copy, folder);
  folder.finish();
  return copy.content();
}

}  // namespace prism::postgres
