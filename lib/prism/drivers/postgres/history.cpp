#include <fmt/format.h>
#include <unistd.h>

#include <prism/base/host.hpp>
#include <prism/drivers/postgres/history.hpp>

namespace prism::postgres {
namespace {

using Transaction = pqxx::transaction_base;

/// A time as format_utc writes it, empty for none.
std::string utc(std::string_view column) {
  return fmt::format(
      "coalesce(to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '')", column);
}

void end_stage(Transaction& transaction, const std::string& schema, std::int64_t run,
               const std::string& at) {
  transaction.exec_params0(
      fmt::format("UPDATE {}.run_stage SET finished = {} WHERE run = $1 AND finished IS NULL",
                  schema, at),
      run);
}

std::vector<store::StageTime> stages_of(Transaction& transaction, const std::string& schema,
                                        std::int64_t run) {
  std::vector<store::StageTime> all;
  const pqxx::result rows = transaction.exec_params(
      fmt::format("SELECT stage, {}, {} FROM {}.run_stage WHERE run = $1 ORDER BY position",
                  utc("started"), utc("finished"), schema),
      run);
  for (const pqxx::row& row : rows) {
    all.push_back({row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>()});
  }
  return all;
}

store::Run run_of(const pqxx::row& row) {
  store::Run run;
  run.id = row[0].as<std::int64_t>();
  run.command = row[1].as<std::string>();
  run.inputs = row[2].as<std::string>();
  run.state = store::run_state_of(row[3].as<std::string>());
  run.stage = row[4].as<std::string>();
  run.started = row[5].as<std::string>();
  run.finished = row[6].as<std::string>();
  run.host = row[7].as<std::string>();
  run.process = row[8].as<std::int64_t>();
  run.summary = row[9].as<std::string>();
  return run;
}

}  // namespace

std::int64_t PostgresHistory::begin(std::string_view command, std::string_view inputs,
                                    std::string_view started) {
  std::int64_t id = 0;
  connections_.transact([&](Transaction& transaction) {
    id = transaction
             .exec_params1(
                 fmt::format(
                     "INSERT INTO {}.run (command, inputs, state, stage, started, host, process) "
                     "VALUES ($1, $2, 'running', '', $3, $4, $5) RETURNING id",
                     connections_.schema()),
                 std::string(command), std::string(inputs), std::string(started), host_name(),
                 ::getpid())[0]
             .as<std::int64_t>();
  });
  return id;
}

void PostgresHistory::stage(std::int64_t run, const store::StageTime& stage) {
  const std::string& schema = connections_.schema();
  connections_.transact([&](Transaction& transaction) {
    end_stage(transaction, schema, run, transaction.quote(stage.started));
    transaction.exec_params0(
        fmt::format("INSERT INTO {0}.run_stage (run, position, stage, started, finished) SELECT "
                    "$1::bigint, count(*), $2::text, $3::timestamptz, nullif($4, '')::timestamptz "
                    "FROM {0}.run_stage WHERE run = $1",
                    schema),
        run, stage.stage, stage.started, stage.finished);
    transaction.exec_params0(fmt::format("UPDATE {}.run SET stage = $1 WHERE id = $2", schema),
                             stage.stage, run);
  });
}

void PostgresHistory::finish(std::int64_t run, store::RunState state, std::string_view summary) {
  const std::string& schema = connections_.schema();
  connections_.transact([&](Transaction& transaction) {
    end_stage(transaction, schema, run, "now()");
    transaction.exec_params0(
        fmt::format("UPDATE {}.run SET state = $1, finished = now(), summary = $2 WHERE id = $3",
                    schema),
        std::string(store::run_state_name(state)), std::string(summary), run);
  });
}

std::optional<store::Run> PostgresHistory::latest(std::string_view command) {
  const std::string& schema = connections_.schema();
  std::optional<store::Run> run;
  connections_.transact([&](Transaction& transaction) {
    const pqxx::result rows = transaction.exec_params(
        fmt::format("SELECT id, command, inputs, state, stage, {}, {}, host, process, "
                    "coalesce(summary, '') FROM {}.run WHERE command = $1 ORDER BY id DESC LIMIT 1",
                    utc("started"), utc("finished"), schema),
        std::string(command));
    run.reset();
    if (rows.empty()) return;
    run = run_of(rows[0]);
    run->stages = stages_of(transaction, schema, run->id);
  });
  return run;
}

}  // namespace prism::postgres
