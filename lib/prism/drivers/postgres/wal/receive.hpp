#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/log.hpp>
#include <prism/drivers/postgres/options.hpp>
#include <prism/drivers/postgres/wal/archive.hpp>

namespace prism::postgres {

struct ReceiveOptions {
  Options server;
  std::string name;                      ///< of the target, for words
  std::optional<std::string> slot = {};  ///< permanent, made where there is none
  bool once = false;  ///< end once all is archived that the server had when it was asked
  WalOptions wal = {};
  std::filesystem::path scratch_folder = {};  ///< for a segment on its way; empty: $TMPDIR
};

/// What came of it.
struct Received {
  std::string system_id;
  std::size_t segments = 0;   ///< that were stored
  std::size_t histories = 0;  ///< the same
  std::uint64_t bytes = 0;    ///< of WAL, of these segments
  std::string last;           ///< the segment that was received last; empty: none
};

/// Streams the WAL of a cluster into the archive, segment by segment, each of which waits in the
/// scratch folder until it is whole: from behind the last one that is there, else from where the
/// slot begins, else from the segment that is being written; but where none is there not later than
/// where the oldest copy of the cluster begins. Follows the server to its next timeline. The server
/// is told of a place in the WAL once that is durable in the repository. What passes is tried
/// again, for ever, or with `once` for as long as `--wait` says.
///
/// Without `once` it ends by `cancel` alone, and returns then. Throws Error(critical) where the
/// server has removed WAL that the archive lacks, which the next run then goes on behind, after a
/// warning; else as Replication and WalArchive do.
PRISM_API Received receive_wal(const ReceiveOptions& options, repository::Repository& repository,
                               Log& log, const Cancel& cancel);

}  // namespace prism::postgres
