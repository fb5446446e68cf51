#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <prism/drivers/postgres/physical/backup_manifest.hpp>
#include <prism/drivers/postgres/physical/base_backup.hpp>

#include "support/postgres_cluster.hpp"

namespace prism::test {

/// A file as it came.
struct ReceivedFile {
  std::uint64_t size = 0;  ///< bytes that came
  std::uint32_t crc32c = 0;
  std::string head;  ///< its first bytes, where it is one of changed pages
};

/// Writes a base backup into a data folder, with its tablespaces beside that.
class ReceivedBackup : public postgres::BackupFiles {
 public:
  void begin(const postgres::BackupEntry& entry) override;
  void data(std::string_view bytes) override;
  void end() override;
  void manifest(std::string_view bytes) override { manifest_ += bytes; }

  /// Writes the manifest to its place; nothing comes any more.
  void finish();
  /// Has a server that starts on it take our tablespaces instead of the source's.
  void redirect_tablespaces() const;

  std::filesystem::path data_folder() const { return folder_ / "data"; }
  const std::string& manifest() const { return manifest_; }
  const std::map<std::string, ReceivedFile>& files() const { return files_; }
  /// Is called with all bytes so far whenever some came.
  std::function<void(std::uint64_t)> watch = [](std::uint64_t) {};

 private:
  std::filesystem::path place_of(const std::string& path);

  ServerFolder folder_;
  std::map<std::string, std::filesystem::path> tablespaces_;
  std::map<std::string, ReceivedFile> files_;
  std::string manifest_;
  std::uint64_t bytes_ = 0;
  std::unique_ptr<std::ofstream> out_;
  postgres::BackupEntry entry_;
  ReceivedFile file_;
  postgres::Crc32c crc_;
};

/// A connection for replication.
postgres::Replication replication(const PostgresCluster& cluster, const Cancel& cancel);

/// What differs between the files that came and what their manifest says of them.
std::vector<std::string> differences(const ReceivedBackup& backup);

}  // namespace prism::test
