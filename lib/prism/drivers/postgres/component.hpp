#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/log.hpp>
#include <prism/config/servers.hpp>

namespace prism::postgres {

struct ComponentOptions {
  std::string url;               ///< `postgresql://…`; `check` needs none
  std::chrono::seconds wait{0};  ///< for a server that can't be reached yet
  config::PostgresSettings settings = {};
  /// A restore works in the database itself, by one transaction: objects that are newer stay, and
  /// its owner, settings and grants are as they were. For users who may not create databases.
  bool in_place = false;
  /// Prepared transactions, logical replication slots and subscriptions of the database that is
  /// replaced are ended; without it they end the restore.
  bool force = false;
  bool no_owner = false;  ///< all that is restored belongs to the user who restores
  bool no_acl = false;    ///< nothing is granted
  std::size_t jobs = 1;   ///< more: data are restored side by side, from a copy of the archive
  std::filesystem::path scratch_folder = {};  ///< for that copy; empty: $TMPDIR
};

/// A database of PostgreSQL as a target, dumped and restored by its own programs, which must be
/// installed. Its artifacts are `db.dump`, an archive of `pg_dump --format=custom` without
/// compression; `globals.sql`, what `pg_dumpall --globals-only` says of the server, which no
/// restore applies, and which is left out where the user can't read it; and `database.json`, see
/// DatabaseRecord. Counted are the rows of each table, and the large objects.
///
/// A restore makes a new database, `NAME_prismctl_restore_<hex>`, and gives it the old one's name
/// once it is whole; the old one is dropped after that. What a run that died has left of these two
/// the next restore of the same target removes: each run holds an advisory lock named by its <hex>,
/// which goes with its connection.
PRISM_API std::unique_ptr<backup::Component> open_component(ComponentOptions options, Log& log,
                                                            const Cancel& cancel);

}  // namespace prism::postgres
