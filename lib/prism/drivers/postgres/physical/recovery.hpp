#pragma once

#include <string>

#include <prism/drivers/postgres/physical/cluster_record.hpp>
#include <prism/drivers/recovery.hpp>

namespace prism::postgres {

/// A `postgresql.auto.conf`: what the source's said, but for a recovery of its own, then ours, and
/// settings that may not be lower than in the source.
PRISM_API std::string with_recovery(const std::string& auto_conf, const Recovery& recovery,
                                    const ClusterRecord& record);

/// A `backup_label` of a copy of changed pages, once all pages are there: without the lines by
/// which a server (17 or newer) refuses to start on changed pages alone.
PRISM_API std::string label_of_whole(const std::string& backup_label);

/// A `postgresql.conf` for a cluster whose own lay elsewhere: what it said, but for files of that
/// machine that are not on this one.
PRISM_API std::string configuration_lines(const ClusterRecord& record);

/// The `pg_hba.conf` of the source, or one that lets those in who have a password.
PRISM_API std::string access_lines(const ClusterRecord& record);

}  // namespace prism::postgres
