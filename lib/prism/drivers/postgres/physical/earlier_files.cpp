#include <prism/base/error.hpp>
#include <prism/base/read_all.hpp>
#include <prism/drivers/postgres/physical/earlier_files.hpp>

namespace prism::postgres {

std::string read_artifact(backup::ArtifactReader& artifacts, const std::string& name) {
  constexpr std::size_t kLimit = std::size_t{256} << 20;
  return read_all(*artifacts.open(name), kLimit, name);
}

std::optional<EarlierBackup> read_earlier(const EarlierCopy& earlier, const std::string& system) {
  if (!earlier) return {};
  const auto artifacts = earlier(system);
  if (!artifacts) return {};
  EarlierBackup backup;
  backup.files.map = blocks::read_block_map(*artifacts->open(kBlockMap));
  read_file_list(*artifacts->open(kFileList), [&](const StoredFile& file) {
    if (file.entry.kind == EntryKind::file) backup.files.files.emplace(file.entry.path, file);
  });
  backup.manifest = read_artifact(*artifacts, kServerManifest);
  return backup;
}

}  // namespace prism::postgres
