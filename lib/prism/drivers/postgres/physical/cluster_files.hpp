#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include <prism/base/spool.hpp>
#include <prism/blocks/block_writer.hpp>
#include <prism/drivers/postgres/physical/backup_manifest.hpp>
#include <prism/drivers/postgres/physical/base_backup.hpp>
#include <prism/drivers/postgres/physical/file_list.hpp>
#include <prism/drivers/postgres/physical/incremental_file.hpp>
#include <prism/drivers/postgres/physical/passed_bytes.hpp>

namespace prism::postgres {

/// The files of an earlier backup, for a server that sends only what has changed since.
struct EarlierFiles {
  blocks::BlockMap map;
  std::unordered_map<std::string, StoredFile> files;
};

/// Cuts the files of a base backup into blocks, each from the beginning of a file, and lists them.
/// Of the last segment of the WAL nothing is kept behind the place where the backup stops: a page
/// of an old segment would be stored for nothing.
class PRISM_API ClusterFiles : public BackupFiles {
 public:
  /// `earlier`: null where the server sends whole files.
  ClusterFiles(blocks::BlockWriter& blocks, ByteSink& list, const EarlierFiles* earlier,
               PassedBytes::Tell tell = {})
      : blocks_(blocks), list_(list), earlier_(earlier), progress_(std::move(tell)) {}

  void begin(const BackupEntry& entry) override;
  void data(std::string_view bytes) override;
  void end() override;
  void manifest(std::string_view bytes) override;

  /// The last segment is known only now.
  void finish(Lsn stop, std::uint64_t segment_bytes);

  /// Holds what passed against the server's manifest. Throws Error(io) where a file is missing, or
  /// has another size or checksum.
  void require_manifest();
  /// Writes the manifest as it came.
  void write_manifest(ByteSink& sink);

  /// Whether anything has come.
  bool has_begun() const { return has_begun_; }
  std::uint64_t files() const { return file_count_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  struct Passed {
    std::uint64_t size = 0;
    std::uint32_t crc = 0;
  };

  bool is_held() const;
  void cut(std::string_view bytes);
  void flush_rest();
  void list(const StoredFile& file);
  void store_held();
  void add_changed(std::string_view bytes);
  void refer_to(std::uint64_t page);
  void end_changed();

  blocks::BlockWriter& blocks_;
  ByteSink& list_;
  const EarlierFiles* earlier_;
  PassedBytes progress_;
  StoredFile file_;
  Crc32c crc_;
  std::uint64_t received_ = 0;
  std::string rest_;                ///< of a block that is not full yet
  std::optional<StoredFile> held_;  ///< the last segment of the WAL that came
  std::string held_bytes_;
  std::optional<IncrementalHeadReader> changed_;  ///< of a file of changed pages
  const StoredFile* before_ = nullptr;            ///< the same in the earlier backup
  std::size_t next_change_ = 0;
  std::uint64_t pages_ = 0;  ///< that this file has by now
  std::unordered_map<std::string, Passed> passed_;
  Spool manifest_;
  bool has_begun_ = false;
  std::uint64_t file_count_ = 0, bytes_ = 0;
};

}  // namespace prism::postgres
