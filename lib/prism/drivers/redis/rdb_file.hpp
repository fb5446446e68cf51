#pragma once

#include <filesystem>
#include <memory>

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>

namespace prism::redis {

/// The `dump.rdb` from which a server that is stopped will begin, as a target: `place` is that
/// file, or the server's data folder. A restore puts the file in place by a rename, with the owner
/// and mode of what was there, or the owner of the folder.
///
/// Refused before anything is touched: Error(refused) while an append-only file lies beside it
/// (`appendonlydir`, `appendonly.aof`), for the server would begin from that and ignore this one;
/// Error(locked) while a process of this machine works in the folder, as a running server does,
/// which would write over it when it ends; Error(configuration) for the backup of a Cluster, each
/// of whose servers has a file of its own.
PRISM_API std::unique_ptr<backup::Component> open_rdb_file(const std::filesystem::path& place,
                                                           const Cancel& cancel);

}  // namespace prism::redis
