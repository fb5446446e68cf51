#include <algorithm>
#include <unordered_map>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/physical/backup_manifest.hpp>
#include <prism/drivers/postgres/physical/cluster_copy.hpp>
#include <prism/drivers/postgres/physical/earlier_files.hpp>
#include <prism/drivers/postgres/physical/passed_bytes.hpp>

namespace prism::postgres {
namespace {

std::uint64_t blocks_of(const std::vector<StoredFile>& files) {
  std::uint64_t count = 0;
  for (const StoredFile& file : files) count += file.block_count();
  return count;
}

/// A file may be of another length than the server sent it only where just its changes were.
void require_manifest(backup::ArtifactReader& artifacts, const ClusterCopy& copy) {
  std::unordered_map<std::string, const StoredFile*> by_path;
  for (const StoredFile& file : copy.files) by_path.emplace(file.entry.path, &file);
  const auto source = artifacts.open(kServerManifest);
  read_backup_manifest(*source, [&](const ManifestFile& file) {
    if (file.path.find("INCREMENTAL.") != std::string::npos) return;
    const auto found = by_path.find(file.path);
    const bool same = found != by_path.end() && found->second->entry.size == file.size &&
                      (!file.crc32c || found->second->crc32c == file.crc32c);
    if (same) return;
    throw Error(ErrorCode::bad_data,
                in_quotes(file.path) + " is not what the server's manifest says");
  });
}

}  // namespace

backup::Content ClusterCopy::content() const {
  std::uint64_t count = 0, bytes = 0;
  for (const StoredFile& file : files) {
    if (file.entry.kind != EntryKind::file) continue;
    ++count;
    bytes += file.entry.size;
  }
  return {record.version, {{"files", count}, {"bytes", bytes}}};
}

ClusterCopy read_cluster_copy(backup::ArtifactReader& artifacts) {
  ClusterCopy copy;
  copy.record = parse_cluster_record(read_artifact(artifacts, kClusterRecord));
  read_file_list(*artifacts.open(kFileList),
                 [&](const StoredFile& file) { copy.files.push_back(file); });
  copy.map = blocks::read_block_map(*artifacts.open(kBlockMap));
  if (copy.map.block_count() == blocks_of(copy.files)) return copy;
  throw Error(ErrorCode::bad_data, "the list of files has other blocks than the block map");
}

blocks::ReaderOptions reader_options(const ClusterOptions& options, const blocks::BlockMap& map,
                                     const Cancel& cancel) {
  blocks::ReaderOptions reading;
  reading.threads = options.threads;
  reading.identity_file = options.key.identity_file;
  reading.key = find_key_of(*options.repository, map, options.key, cancel);
  return reading;
}

backup::Content check_cluster(const ClusterOptions& options, backup::ArtifactReader& artifacts,
                              const Cancel& cancel) {
  const ClusterCopy copy = read_cluster_copy(artifacts);
  require_manifest(artifacts, copy);
  blocks::BlockReader reader(*options.repository, copy.map,
                             reader_options(options, copy.map, cancel), cancel);
  PassedBytes progress([&](std::uint64_t bytes) { artifacts.passed(bytes); });
  reader.read_all([&](std::uint64_t, std::string_view block) { progress.add(block.size()); });
  return copy.content();
}

}  // namespace prism::postgres
