#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/log.hpp>
#include <prism/config/servers.hpp>
#include <prism/drivers/redis/address.hpp>

namespace prism::redis {

struct ComponentOptions {
  Address address;
  config::RedisSettings settings = {};
  std::chrono::milliseconds wait{0};          ///< for servers that can't be reached yet
  bool exact = false;                         ///< a restore removes keys that the backup lacks
  std::filesystem::path scratch_folder = {};  ///< for values of more than 4 MiB; empty: $TMPDIR
};

/// A Redis server as a target: all its databases, whichever the address names, and its functions.
/// Its artifact `dump.rdb` is what the server sends to a replica, at one moment; of a Cluster there
/// is one of each master, `node-0.rdb` and so on in order of their first slots, one after the
/// other. Counted are the keys of each database, `db0 keys`, and the libraries, `functions`.
///
/// A dump needs the ACL rights +psync +replconf, and of a Cluster +cluster|slots. A server without
/// keys gives an artifact too; one that can't be reached is Error(unavailable), not a missing one.
///
/// A restore needs +info +select +restore +del +hset +hgetall, for functions +function, for `exact`
/// +scan +unlink, of a Cluster +cluster|slots, on all keys; what is missing is told beforehand.
/// It puts the keys back one after the other, while the server is used; it does not matter
/// whether backup and target are a Cluster. Until its end the key `prismctl:restore` is there,
/// which counts nowhere; cut off, it is seen by that, and a rerun finishes it. Keys and libraries
/// that the backup lacks stay, unless `exact`: then they are removed first of all. A Sentinel's
/// target is its master.
PRISM_API std::unique_ptr<backup::Component> open_component(ComponentOptions options, Log& log,
                                                            const Cancel& cancel);

}  // namespace prism::redis
