#pragma once

#include <prism/backup/manifest.hpp>

#include "session.hpp"

namespace prismctl {

/// How a set is made, as far as flags of backup say.
struct SetOptions {
  std::size_t jobs = 2;
  int level = 3;
  unsigned threads = 2;
};

/// Backs the targets up as one set in the repository, whose lock is held for as long.
prism::backup::Manifest make_set(const std::vector<prism::config::Target>& targets,
                                 const SetOptions& options, Session& session);

}  // namespace prismctl
