#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <prism/drivers/postgres/physical/base_backup.hpp>
#include <prism/drivers/postgres/session.hpp>

namespace prism::postgres {

/// What the files of a cluster don't tell, or not before they are there: the artifact
/// `cluster.json`, an object of the fields below.
struct ClusterRecord {
  std::string version;              ///< of the server, such as `15.4`
  std::string system;               ///< its identifier
  std::uint64_t segment_bytes = 0;  ///< of a segment of its WAL
  BackupBounds bounds;
  std::string started, stopped;  ///< by the server's clock: `2026-11-21T10:15:00.123456Z`
  bool from_standby = false;
  bool checksums = false;    ///< its pages have checksums
  bool incremental = false;  ///< the server sent changed pages alone: its manifest is of these
  std::string superuser;     ///< one that may log in; empty: there is none
  /// Those of which a server that replays its WAL needs at least as much.
  std::map<std::string, std::string> least;
  /// Of its configuration files outside the data folder: settings, and the content of pg_hba.conf
  /// and pg_ident.conf, as far as the user may read them.
  std::map<std::string, std::string> settings;
  std::string hba, ident;

  int major() const;
};

/// What the server says before its files are copied.
ClusterRecord read_cluster_record(Session& session, std::vector<std::string>& remarks);

/// The time by the server's clock, as in ClusterRecord.
std::string server_time(Session& session);

PRISM_API std::string to_json_text(const ClusterRecord& record);

/// Throws Error(bad_data) for anything else than what to_json_text writes.
PRISM_API ClusterRecord parse_cluster_record(const std::string& text);

}  // namespace prism::postgres
