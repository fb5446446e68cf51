#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>
#include <prism/drivers/postgres/wal/names.hpp>
#include <prism/repository/repository.hpp>

namespace prism::postgres {

struct WalOptions {
  int level = 3;                             ///< of zstd
  std::vector<std::string> recipients = {};  ///< of age; none: not encrypted
  std::filesystem::path identity_file = {};  ///< of age; empty: nothing encrypted can be read
};

/// What WalArchive::get makes `file` of.
PRISM_API std::filesystem::path temporary_of(const std::filesystem::path& file);

/// The WAL of one cluster in a repository: `wal/<system id>/<first 16 digits>/<name>.zst[.age]`,
/// and beside each `<name>.sha256` of its content, made before it, in the form of sha256sum
/// (history files: `wal/<system id>/history/…`); `wal/<system id>/segment_bytes` comes with the
/// first. Several processes may use one at a time; no lock is taken.
class PRISM_API WalArchive {
 public:
  WalArchive(repository::Repository& repository, std::string system_id, WalOptions options,
             const Cancel& cancel);

  enum class Put : std::uint8_t { stored, was_there };
  /// Durable once it returns. Throws Error(refused) where another content has that name.
  Put put(const std::string& name, ByteSource& content);
  Put put_file(const std::string& name, const std::filesystem::path& file);

  /// Makes `file`, by a temporary name beside it, fsynced. False where the archive does not have
  /// it. Throws Error(bad_data) where what is stored is damaged.
  bool get(const std::string& name, const std::filesystem::path& file);

  /// Whole ones, in order of their names; those whose content did not get there are none.
  std::vector<std::string> list();

  /// Whether a segment of this system was ever put there: where none was, it may be another
  /// repository than is meant, such as a folder in which no disk is mounted.
  bool is_begun();
  /// Of each segment, as it was when the first one was put there; 16 MiB where none was.
  std::uint64_t segment_bytes();

 private:
  repository::Repository& repository_;
  std::string system_id_;
  WalOptions options_;
  const Cancel& cancel_;
};

/// A WAL file in a repository.
struct StoredWal {
  std::string name;
  std::uint64_t bytes = 0;  ///< that it takes there
  std::chrono::system_clock::time_point modified;
};
/// Those that WalArchive::list() names.
PRISM_API std::vector<StoredWal> list_wal(repository::Repository& repository,
                                          const std::string& system_id);

/// The systems of which there is WAL in a repository.
PRISM_API std::vector<std::string> list_wal_systems(repository::Repository& repository);

/// Where the WAL of a copy of a cluster's files lies, which the copy has in itself.
struct CopyWal {
  std::uint64_t first = 0, last = 0;  ///< the first bytes of the segments of its start and stop
};
/// Of the good copies that were begun on that timeline, the one that was begun first; nothing where
/// there is none.
PRISM_API std::optional<CopyWal> oldest_copy(repository::Repository& repository,
                                             const std::string& system_id, std::uint32_t timeline);

/// A run of segments without a gap, on one timeline.
struct WalRun {
  SegmentName first, last;
};

/// What there is of the WAL of a cluster.
struct WalSummary {
  std::vector<WalRun> runs;            ///< by timeline, then by number
  std::vector<std::string> histories;  ///< `00000002.history`
  std::string last_partial;            ///< empty: none
  /// In words, such as `000000010000000000000004 to 000000010000000000000006 are missing`: between
  /// two runs of a timeline, between a timeline and those before it, and a timeline whose history
  /// file is missing.
  std::vector<std::string> gaps;
};
PRISM_API WalSummary summarize_wal(const std::vector<std::string>& names,
                                   std::uint64_t segment_bytes);

struct RemovedWal {
  std::size_t files = 0;
  std::uint64_t bytes = 0;  ///< that were stored
};
/// Removes the segments of a cluster whose number is lower than that of `first_needed`, on whatever
/// timeline, with their `.backup` and `.partial` files. History files stay.
PRISM_API RemovedWal remove_wal_before(repository::Repository& repository,
                                       const std::string& system_id,
                                       const SegmentName& first_needed, bool dry_run,
                                       const Cancel& cancel);

}  // namespace prism::postgres
