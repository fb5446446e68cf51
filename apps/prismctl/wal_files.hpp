#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "session.hpp"

namespace prismctl {

struct WalPushOptions {
  std::string file;
  std::string system;  ///< empty: see system_of
};

/// What archive_command is for.
int push_wal(const WalPushOptions& options, Session& session);

struct WalFetchOptions {
  std::string name;
  std::string file;
  std::string system;                     ///< empty: see system_of
  std::optional<std::size_t> ahead = {};  ///< segments; nothing: as many as have 128 MiB, at most 8
};

/// What restore_command is for: 1 where the archive does not have it.
int fetch_wal(const WalFetchOptions& options, Session& session);

}  // namespace prismctl
