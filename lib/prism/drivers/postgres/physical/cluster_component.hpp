#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <prism/backup/component.hpp>
#include <prism/backup/scratch_target.hpp>
#include <prism/blocks/block_key.hpp>
#include <prism/drivers/postgres/component.hpp>
#include <prism/drivers/postgres/physical/recovery.hpp>
#include <prism/repository/repository.hpp>

namespace prism::postgres {

/// The artifacts of an earlier copy of the cluster with that identifier; null: none can be read.
using EarlierCopy =
    std::function<std::unique_ptr<backup::ArtifactReader>(const std::string& system)>;

struct ClusterOptions {
  ComponentOptions server = {};                  ///< its URL; empty: only `check` and restores
  std::filesystem::path folder = {};             ///< that a restore makes
  repository::Repository* repository = nullptr;  ///< where blocks lie
  bool delta = false;  ///< blocks that are in the repository are not stored again
  int level = 3;       ///< of zstd
  std::size_t threads = 2;
  blocks::KeyOptions key = {};  ///< also whom packs are encrypted for, and how they are read
  EarlierCopy earlier = {};     ///< of a delta, for a server that can tell what has changed since
  Recovery recovery = {};       ///< of a restore
  std::filesystem::path tablespaces = {};  ///< their parent; empty: `<folder>.tablespaces`
  bool rewrite =
      false;  ///< what is in the folder already is compared, and only differences written
};

/// A whole cluster of PostgreSQL: its files, as BASE_BACKUP of the replication protocol sends them,
/// cut into blocks that lie in the repository and are shared between copies (blocks/). The user
/// needs the attribute REPLICATION. Its artifacts are `cluster.json` (ClusterRecord), `files`
/// (StoredFile), `blocks` (BlockMap) and `manifest`, the server's own. Counted are the files and
/// their bytes. A copy is restored into a folder, from which a server is started by whoever wants
/// to; see DataFolder. `check` reads all blocks.
PRISM_API std::unique_ptr<backup::Component> open_cluster(ClusterOptions options, Log& log,
                                                          const Cancel& cancel);

/// A temporary folder in which a server is started and looked at by pg_amcheck. Throws
/// Error(configuration) where its programs are not there, or nobody may run them.
PRISM_API std::unique_ptr<backup::ScratchTarget> make_scratch_cluster(ClusterOptions options,
                                                                      Log& log,
                                                                      const Cancel& cancel);

inline constexpr const char* kClusterRecord = "cluster.json";
inline constexpr const char* kFileList = "files";
inline constexpr const char* kBlockMap = "blocks";
inline constexpr const char* kServerManifest = "manifest";

}  // namespace prism::postgres
