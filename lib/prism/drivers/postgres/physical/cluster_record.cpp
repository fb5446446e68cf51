#include <nlohmann/json.hpp>

#include <prism/base/error.hpp>
#include <prism/drivers/postgres/failure.hpp>
#include <prism/drivers/postgres/physical/cluster_record.hpp>

namespace prism::postgres {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

/// By what replaying WAL is refused where they are lower (PostgreSQL's manual, "Hot Standby").
constexpr const char* kLeast =
    "SELECT name, setting FROM pg_settings WHERE name IN ('max_connections', "
    "'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions', "
    "'max_locks_per_transaction')";

/// Of files outside the data folder. Who may not know where settings come from gets all of them.
constexpr const char* kConfigured =
    "SELECT name, current_setting(name) FROM pg_settings WHERE source = 'configuration file' AND "
    "(sourcefile IS NULL OR NOT starts_with(sourcefile, (SELECT setting || '/' FROM pg_settings "
    "WHERE name = 'data_directory')))";

std::map<std::string, std::string> pairs_of(const Session::Rows& rows) {
  std::map<std::string, std::string> pairs;
  for (const auto& row : rows) pairs[row.at(0).value_or("")] = row.at(1).value_or("");
  return pairs;
}

/// The content of the file that a setting names, where it lies outside the data folder.
std::string file_outside(Session& session, const std::string& setting,
                         std::vector<std::string>& remarks) {
  const std::string file = session.text(
      "SELECT setting FROM pg_settings WHERE name = $1 AND NOT starts_with(setting, (SELECT "
      "setting || '/' FROM pg_settings WHERE name = 'data_directory'))",
      {setting});
  if (file.empty()) return {};
  try {
    return session.text("SELECT pg_read_file($1)", {file});
  } catch (const Failure& failure) {
    if (failure.sqlstate().empty()) throw;
    remarks.push_back(setting +
                      " lies outside the data folder and can't be read by this user: " + file);
    return {};
  }
}

Json to_json(const std::vector<Tablespace>& tablespaces) {
  Json json = Json::array();
  for (const Tablespace& one : tablespaces) {
    json.push_back({{"oid", one.oid}, {"path", one.path}});
  }
  return json;
}

Lsn lsn_of(const Json& json) {
  const auto lsn = parse_lsn(json.get<std::string>());
  if (!lsn) throw Error(ErrorCode::bad_data, "cluster.json: no place in the WAL");
  return *lsn;
}

BackupBounds bounds_of(const Json& json) {
  BackupBounds bounds{lsn_of(json.at("start_lsn")),
                      lsn_of(json.at("stop_lsn")),
                      json.at("start_timeline"),
                      json.at("stop_timeline"),
                      {}};
  for (const Json& one : json.at("tablespaces")) {
    bounds.tablespaces.push_back({one.at("oid"), one.at("path")});
  }
  return bounds;
}

ClusterRecord record_of(const Json& json) {
  if (json.at("schema") != kSchema) {
    throw Error(ErrorCode::bad_data, "cluster.json: of a newer prismctl");
  }
  return {json.at("version"),      json.at("system"),    json.at("segment_bytes"),
          bounds_of(json),         json.at("started"),   json.at("stopped"),
          json.at("from_standby"), json.at("checksums"), json.at("incremental"),
          json.at("superuser"),    json.at("least"),     json.at("settings"),
          json.at("hba"),          json.at("ident")};
}

}  // namespace

int ClusterRecord::major() const { return std::atoi(version.c_str()); }

std::string server_time(Session& session) {
  return session.text(
      "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
}

ClusterRecord read_cluster_record(Session& session, std::vector<std::string>& remarks) {
  ClusterRecord record;
  record.version = session.version_text();
  record.started = server_time(session);
  record.from_standby = session.is_true("SELECT pg_is_in_recovery()");
  record.superuser = session.text(
      "SELECT rolname FROM pg_roles WHERE rolsuper AND rolcanlogin ORDER BY oid LIMIT 1");
  record.least = pairs_of(session.query(kLeast));
  record.settings = pairs_of(session.query(kConfigured));
  record.hba = file_outside(session, "hba_file", remarks);
  record.ident = file_outside(session, "ident_file", remarks);
  return record;
}

std::string to_json_text(const ClusterRecord& record) {
  const Json json{{"schema", kSchema},
                  {"version", record.version},
                  {"system", record.system},
                  {"segment_bytes", record.segment_bytes},
                  {"start_lsn", lsn_text(record.bounds.start)},
                  {"stop_lsn", lsn_text(record.bounds.stop)},
                  {"start_timeline", record.bounds.start_timeline},
                  {"stop_timeline", record.bounds.stop_timeline},
                  {"tablespaces", to_json(record.bounds.tablespaces)},
                  {"started", record.started},
                  {"stopped", record.stopped},
                  {"from_standby", record.from_standby},
                  {"checksums", record.checksums},
                  {"incremental", record.incremental},
                  {"superuser", record.superuser},
                  {"least", record.least},
                  {"settings", record.settings},
                  {"hba", record.hba},
                  {"ident", record.ident}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

ClusterRecord parse_cluster_record(const std::string& text) {
  try {
    return record_of(Json::parse(text));
  } catch (const Json::exception& e) {
    throw Error(ErrorCode::bad_data, std::string("cluster.json: ") + e.what());
  }
}

}  // namespace prism::postgres
