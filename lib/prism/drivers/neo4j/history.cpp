#include <unistd.h>

#include <prism/base/date.hpp>
#include <prism/base/host.hpp>
#include <prism/drivers/neo4j/history.hpp>
#include <prism/drivers/neo4j/parameters.hpp>

namespace prism::neo4j {
namespace {

/// The node with the number of the last run is locked by whoever adds one.
constexpr std::string_view kBegin =
    "MERGE (last:PrismRunCount {name: 'run'}) ON CREATE SET last.id = 0 SET last.locked = true "
    "WITH last SET last.id = last.id + 1 "
    "CREATE (run:PrismRun {id: last.id, command: $command, inputs: $inputs, state: 'running', "
    "stage: '', started: $started, finished: '', host: $host, process: $process, summary: '', "
    "stages: [], stage_starts: [], stage_ends: []}) RETURN run.id";

/// A stage that is open ends where the next one starts.
constexpr std::string_view kStage =
    "MATCH (run:PrismRun {id: $run}) SET run.stage = $stage, run.stages = run.stages + $stage, "
    "run.stage_ends = [end IN run.stage_ends | CASE end WHEN '' THEN $started ELSE end END] + "
    "$finished, run.stage_starts = run.stage_starts + $started";

constexpr std::string_view kFinish =
    "MATCH (run:PrismRun {id: $run}) SET run.state = $state, run.finished = $finished, "
    "run.summary = $summary, "
    "run.stage_ends = [end IN run.stage_ends | CASE end WHEN '' THEN $finished ELSE end END]";

constexpr std::string_view kLatest =
    "MATCH (run:PrismRun {command: $command}) WITH run ORDER BY run.id DESC LIMIT 1 "
    "RETURN run.id, run.command, run.inputs, run.state, run.stage, run.started, run.finished, "
    "run.host, run.process, run.summary, run.stages, run.stage_starts, run.stage_ends";

std::vector<std::string> texts(Unpacker& fields) {
  std::vector<std::string> all;
  for (std::size_t left = fields.list(); left > 0; --left) all.emplace_back(fields.string());
  return all;
}

store::Run run_of(Unpacker& fields) {
  store::Run run;
  run.id = fields.integer();
  run.command = fields.string();
  run.inputs = fields.string();
  run.state = store::run_state_of(std::string(fields.string()));
  run.stage = fields.string();
  run.started = fields.string();
  run.finished = fields.string();
  run.host = fields.string();
  run.process = fields.integer();
  run.summary = fields.string();
  const auto names = texts(fields);
  const auto starts = texts(fields);
  const auto ends = texts(fields);
  for (std::size_t i = 0; i < names.size() && i < starts.size() && i < ends.size(); ++i) {
    run.stages.push_back({names[i], starts[i], ends[i]});
  }
  return run;
}

}  // namespace

std::int64_t Neo4jHistory::begin(std::string_view command, std::string_view inputs,
                                 std::string_view started) {
  Parameters parameters(5);
  parameters.text("command", command)
      .text("inputs", inputs)
      .text("started", started)
      .text("host", host_name())
      .integer("process", ::getpid());
  std::int64_t id = 0;
  connections_.transact(AccessMode::write, [&](Transaction& transaction) {
    id = integer_of(transaction, {kBegin, parameters.bytes()});
  });
  return id;
}

void Neo4jHistory::stage(std::int64_t run, const store::StageTime& stage) {
  Parameters parameters(4);
  parameters.integer("run", run)
      .text("stage", stage.stage)
      .text("started", stage.started)
      .text("finished", stage.finished);
  connections_.transact(AccessMode::write, [&](Transaction& transaction) {
    transaction.run({kStage, parameters.bytes()});
  });
}

void Neo4jHistory::finish(std::int64_t run, store::RunState state, std::string_view summary) {
  Parameters parameters(4);
  parameters.integer("run", run)
      .text("state", store::run_state_name(state))
      .text("summary", summary)
      .text("finished", format_utc(std::chrono::system_clock::now()));
  connections_.transact(AccessMode::write, [&](Transaction& transaction) {
    transaction.run({kFinish, parameters.bytes()});
  });
}

std::optional<store::Run> Neo4jHistory::latest(std::string_view command) {
  Parameters parameters(1);
  parameters.text("command", command);
  std::optional<store::Run> run;
  connections_.transact(AccessMode::read, [&](Transaction& transaction) {
    transaction.run({kLatest, parameters.bytes()}, [&](Unpacker& fields) { run = run_of(fields); });
  });
  return run;
}

}  // namespace prism::neo4j
