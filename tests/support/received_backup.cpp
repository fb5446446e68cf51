#include "support/received_backup.hpp"

#include <fstream>
#include <stdexcept>

#include <prism/drivers/postgres/address.hpp>

#include "support/text_stream.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTablespaces = "pg_tblspc/";

}  // namespace

/// A tablespace's files come before the link to it.
fs::path ReceivedBackup::place_of(const std::string& path) {
  if (path.starts_with(kTablespaces)) {
    const std::string oid =
        path.substr(kTablespaces.size(), path.find('/', kTablespaces.size()) - kTablespaces.size());
    if (!tablespaces_.contains(oid)) {
      tablespaces_[oid] = folder_.make("tablespace-" + oid);
      fs::create_directories(data_folder() / kTablespaces);
      fs::create_symlink(tablespaces_[oid], data_folder() / kTablespaces / oid);
    }
  }
  return data_folder() / path;
}

void ReceivedBackup::begin(const postgres::BackupEntry& entry) {
  if (out_) throw std::logic_error("a file begins before the end of the one before");
  const fs::path place = place_of(entry.path);
  entry_ = entry;
  file_ = {};
  crc_ = {};
  if (entry.kind == postgres::EntryKind::folder) fs::create_directories(place);
  if (entry.kind != postgres::EntryKind::file) return;
  fs::create_directories(place.parent_path());
  out_ = std::make_unique<std::ofstream>(place, std::ios::binary);
}

void ReceivedBackup::data(std::string_view bytes) {
  if (bytes.empty()) throw std::logic_error("an empty piece");
  out_->write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  crc_.add(bytes);
  file_.size += bytes.size();
  constexpr std::size_t kHead = std::size_t{64} << 10;
  const bool changed_pages = fs::path(entry_.path).filename().string().starts_with("INCREMENTAL.");
  if (changed_pages && file_.head.size() < kHead) file_.head += bytes.substr(0, kHead);
  watch(bytes_ += bytes.size());
}

void ReceivedBackup::end() {
  if (entry_.kind != postgres::EntryKind::file) return;
  out_.reset();
  if (file_.size != entry_.size) throw std::logic_error(entry_.path + " has another size");
  file_.crc32c = crc_.value();
  if (!files_.emplace(entry_.path, file_).second) throw std::logic_error(entry_.path + " twice");
}

void ReceivedBackup::finish() {
  std::ofstream(data_folder() / "backup_manifest", std::ios::binary) << manifest_;
  ServerFolder::give(folder_.path());
  for (const auto& entry : fs::recursive_directory_iterator(data_folder())) {
    if (entry.is_directory()) fs::permissions(entry.path(), fs::perms::owner_all);
  }
  fs::permissions(data_folder(), fs::perms::owner_all);
}

void ReceivedBackup::redirect_tablespaces() const {
  std::ofstream map(data_folder() / "tablespace_map", std::ios::binary);
  for (const auto& [oid, path] : tablespaces_) map << oid << ' ' << path.string() << '\n';
}

postgres::Replication replication(const PostgresCluster& cluster, const Cancel& cancel) {
  postgres::Options options;
  options.url = cluster.url();
  return {postgres::read_address(options), std::chrono::seconds(30), cancel};
}

std::vector<std::string> differences(const ReceivedBackup& backup) {
  std::vector<std::string> found;
  std::map<std::string, ReceivedFile> left = backup.files();
  TextSource text(backup.manifest());
  postgres::read_backup_manifest(text, [&](const postgres::ManifestFile& file) {
    const auto at = left.find(file.path);
    if (at == left.end()) return found.push_back(file.path + " did not come");
    if (at->second.size != file.size) found.push_back(file.path + " has another size");
    if (at->second.crc32c != file.crc32c) found.push_back(file.path + " has another checksum");
    left.erase(at);
  });
  // The WAL is not in the manifest.
  for (const auto& [path, file] : left) {
    if (!path.starts_with("pg_wal/")) found.push_back(path + " is not in the manifest");
  }
  return found;
}

}  // namespace prism::test
