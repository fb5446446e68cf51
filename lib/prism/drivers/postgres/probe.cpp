#include <cstdlib>

#include <fmt/format.h>

#include <prism/base/text.hpp>
#include <prism/drivers/postgres/probe.hpp>
#include <prism/drivers/postgres/session.hpp>

namespace prism::postgres {
namespace {

/// All but the last are numbers. Of a primary the lag is that of the replica that is furthest
/// behind; of a replica, the age of what it replayed last, unless it has replayed all that came.
constexpr const char* kFacts = R"(
SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
       current_setting('max_connections'),
       pg_database_size(current_database()),
       (SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)
          FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()),
       CASE WHEN NOT pg_is_in_recovery()
              THEN (SELECT extract(epoch FROM max(replay_lag)) FROM pg_stat_replication)
            WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
            ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END,
       pg_is_in_recovery(),
       (SELECT string_agg(extname || ' ' || extversion, ', ' ORDER BY extname)
          FROM pg_extension WHERE extname <> 'plpgsql'))";

class PostgresProbe : public health::Probe {
 public:
  PostgresProbe(ProbeOptions options, const Cancel& cancel)
      : options_(std::move(options)),
        address_(read_address({.url = options_.url, .settings = options_.settings})),
        cancel_(cancel) {}

  health::Reading look(health::Depth) override {
    Session session(address_, options_.settings.connection_timeout, cancel_);
    health::Reading reading{.version = session.version_text()};
    const Session::Rows rows = session.query(kFacts);
    read_facts(reading, rows.at(0));
    return reading;
  }

 private:
  static double number(const std::optional<std::string>& cell) {
    return cell ? std::strtod(cell->c_str(), nullptr) : 0;
  }

  static void read_facts(health::Reading& reading, const Session::Row& row) {
    enum Column : std::uint8_t { connections, most, size, oldest, lag, replica, extensions };
    const double used = number(row.at(connections));
    constexpr double kNearlyAll = 0.95;
    reading.metrics.push_back({"connections",
                               used,
                               "",
                               {80.0, kNearlyAll * number(row.at(most))},
                               false,
                               {},
                               "connections in use"});
    reading.metrics.push_back({"database_size", number(row.at(size)), "B", {}, false, {}, {}});
    reading.metrics.push_back({"oldest_transaction",
                               number(row.at(oldest)),
                               "s",
                               {3600.0, {}},
                               false,
                               {},
                               "age of the oldest transaction"});
    if (row.at(lag)) {
      reading.metrics.push_back(
          {"replication_lag", number(row.at(lag)), "s", {60.0, {}}, false, {}, "replication lag"});
    }
    reading.notes.push_back(
        fmt::format("{:.0f} of {} connections", used, row.at(most).value_or("?")));
    reading.notes.push_back(format_bytes(static_cast<std::uint64_t>(number(row.at(size)))));
    if (row.at(replica) == "t") reading.notes.emplace_back("replica");
    if (row.at(extensions)) reading.notes.push_back("extensions " + *row.at(extensions));
  }

  ProbeOptions options_;
  Address address_;
  const Cancel& cancel_;
};

}  // namespace

std::unique_ptr<health::Probe> open_probe(ProbeOptions options, Log&, const Cancel& cancel) {
  return std::make_unique<PostgresProbe>(std::move(options), cancel);
}

}  // namespace prism::postgres
