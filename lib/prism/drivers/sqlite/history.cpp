#include <unistd.h>

#include <prism/base/date.hpp>
#include <prism/base/host.hpp>
#include <prism/drivers/sqlite/history.hpp>

namespace prism::sqlite {
namespace {

std::string now() { return format_utc(std::chrono::system_clock::now()); }

void end_stage(Database& database, std::int64_t run, std::string_view at) {
  Statement end =
      database.prepare("UPDATE run_stage SET finished = ? WHERE run = ? AND finished IS NULL");
  end.bind(1, at);
  end.bind(2, run);
  end.run();
}

}  // namespace

std::int64_t SqliteHistory::begin(std::string_view command, std::string_view inputs,
                                  std::string_view started) {
  Transaction transaction(database_);
  const std::string host = host_name();
  Statement insert = database_.prepare(
      "INSERT INTO run (command, inputs, state, stage, started, host, process) "
      "VALUES (?, ?, 'running', '', ?, ?, ?) RETURNING id");
  insert.bind(1, command);
  insert.bind(2, inputs);
  insert.bind(3, started);
  insert.bind(4, host);
  insert.bind(5, static_cast<std::int64_t>(::getpid()));
  insert.step();
  const std::int64_t id = insert.integer(0);
  insert.reset();
  transaction.commit();
  return id;
}

void SqliteHistory::stage(std::int64_t run, const store::StageTime& stage) {
  Transaction transaction(database_);
  end_stage(database_, run, stage.started);
  Statement insert = database_.prepare(
      "INSERT INTO run_stage (run, position, stage, started, finished) "
      "SELECT ?1, count(*), ?2, ?3, ?4 FROM run_stage WHERE run = ?1");
  insert.bind(1, run);
  insert.bind(2, stage.stage);
  insert.bind(3, stage.started);
  if (!stage.finished.empty()) insert.bind(4, stage.finished);
  insert.run();
  Statement update = database_.prepare("UPDATE run SET stage = ? WHERE id = ?");
  update.bind(1, stage.stage);
  update.bind(2, run);
  update.run();
  transaction.commit();
}

void SqliteHistory::finish(std::int64_t run, store::RunState state, std::string_view summary) {
  Transaction transaction(database_);
  const std::string at = now();
  end_stage(database_, run, at);
  Statement update =
      database_.prepare("UPDATE run SET state = ?, finished = ?, summary = ? WHERE id = ?");
  update.bind(1, store::run_state_name(state));
  update.bind(2, at);
  update.bind(3, summary);
  update.bind(4, run);
  update.run();
  transaction.commit();
}

std::optional<store::Run> SqliteHistory::latest(std::string_view command) {
  Statement row = database_.prepare(
      "SELECT id, inputs, state, stage, started, finished, host, process, summary "
      "FROM run WHERE command = ? ORDER BY id DESC LIMIT 1");
  row.bind(1, command);
  if (!row.step()) return std::nullopt;
  store::Run run;
  run.id = row.integer(0);
  run.command = command;
  run.inputs = row.text(1);
  run.state = store::run_state_of(row.text(2));
  run.stage = row.text(3);
  run.started = row.text(4);
  run.finished = row.text(5);
  run.host = row.text(6);
  run.process = row.integer(7);
  run.summary = row.text(8);
  run.stages = stages(run.id);
  return run;
}

std::vector<store::StageTime> SqliteHistory::stages(std::int64_t run) {
  Statement rows = database_.prepare(
      "SELECT stage, started, finished FROM run_stage WHERE run = ? ORDER BY position");
  rows.bind(1, run);
  std::vector<store::StageTime> all;
  while (rows.step()) {
    all.push_back(
        {std::string(rows.text(0)), std::string(rows.text(1)), std::string(rows.text(2))});
  }
  return all;
}

}  // namespace prism::sqlite
