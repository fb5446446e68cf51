#pragma once

#include <prism/backup/manifest.hpp>

#include "session.hpp"

namespace prismctl {

/// What is copied of a target.
enum class BackupType : std::uint8_t {
  logical,  ///< a dump
  full,     ///< a server's files
  delta,    ///< the same, but blocks that the repository holds are not stored again
  wal,      ///< the log of what has changed, in no set
};

/// How a set is made, as far as flags of backup say.
struct SetOptions {
  BackupType type = BackupType::logical;
  std::size_t jobs = 2;
  int level = 3;
  unsigned threads = 2;
};

/// Backs the targets up as one set in the repository, whose lock is held for as long.
prism::backup::Manifest make_set(const std::vector<prism::config::Target>& targets,
                                 const SetOptions& options, Session& session);

}  // namespace prismctl
