#include <optional>

#include <prism/drivers/postgres/physical/replication.hpp>
#include <prism/drivers/postgres/session.hpp>
#include <prism/drivers/postgres/wal/cluster.hpp>

namespace prism::postgres {

WalState wal_state_of(const Options& server, Log& log, const Cancel& cancel) {
  constexpr const char* kFacts = R"(
SELECT (SELECT system_identifier FROM pg_control_system()),
       (SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'),
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()
            ELSE pg_current_wal_lsn() END)";
  Session::Rows rows;
  retry(server.wait, log, cancel, [&] {
    rows = Session(read_address(server), server.settings.connection_timeout, cancel).query(kFacts);
  });
  const Session::Row& row = rows.at(0);
  return {row.at(0).value_or(""), std::stoull(row.at(1).value_or("16777216")),
          parse_lsn(row.at(2).value_or("")).value_or(0)};
}

}  // namespace prism::postgres
