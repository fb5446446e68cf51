#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/doubles.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/schema.hpp>

namespace prism::neo4j {
namespace {

/// A constraint or an index of ours.
struct Rule {
  std::string_view name;
  std::string_view kind;  ///< CONSTRAINT or INDEX
  std::string_view label;
  std::string_view properties;  ///< `n.a, n.b`
};

/// None is for the label PrismLock: whoever makes it would wait for the run that holds the lock,
/// which is itself.
constexpr std::array kRules{
    Rule{"prism_entity_uid", "CONSTRAINT", "Entity", "n.uid"},
    Rule{"prism_fact_uid", "CONSTRAINT", "Fact", "n.fact_uid"},
    // The cache is built from these.
    Rule{"prism_fact_left", "INDEX", "Fact", "n.lh_object_uid, n.fact_uid"},
    Rule{"prism_fact_right", "INDEX", "Fact", "n.rh_object_uid, n.fact_uid"},
    Rule{"prism_fact_relation", "INDEX", "Fact", "n.rel_type_uid"},
    Rule{"prism_store", "CONSTRAINT", "PrismStore", "n.name"},
    Rule{"prism_load", "CONSTRAINT", "PrismLoad", "n.name"},
    Rule{"prism_load_part", "CONSTRAINT", "PrismLoadPart", "n.load, n.part"},
    Rule{"prism_old_fact", "CONSTRAINT", "PrismOldFact", "n.fact_uid, n.prism_load"},
    Rule{"prism_run", "CONSTRAINT", "PrismRun", "n.id"},
    Rule{"prism_run_count", "CONSTRAINT", "PrismRunCount", "n.name"},
    Rule{"prism_uid_range", "CONSTRAINT", "PrismUidRange", "n.kind"},
    Rule{"prism_temporary_uid", "CONSTRAINT", "PrismTemporaryUid", "n.workbook, n.kind, n.number"},
    Rule{"prism_blank_uid", "CONSTRAINT", "PrismBlankUid", "n.workbook, n.content, n.occurrence"},
};

constexpr std::string_view kSetVersion =
    "MERGE (s:PrismStore {name: 'store'}) ON CREATE SET s.watermark = 0 SET s.version = 1";
/// The lock of the run that does this stays: its transaction holds the node.
constexpr std::string_view kRemoveOurNodes =
    "MATCH (n) WHERE any(label IN labels(n) WHERE label STARTS WITH 'Prism' "
    "AND label <> 'PrismLock') DELETE n";

std::string creation_of(const Rule& rule) {
  const bool constraint = rule.kind == "CONSTRAINT";
  return fmt::format("CREATE {} {} IF NOT EXISTS FOR (n:{}) {} ({}){}", rule.kind, rule.name,
                     rule.label, constraint ? "REQUIRE" : "ON", rule.properties,
                     constraint ? " IS UNIQUE" : "");
}

std::string removal_of(const Rule& rule) {
  return fmt::format("DROP {} {} IF EXISTS", rule.kind, rule.name);
}

std::string script(const std::vector<std::string>& statements) {
  return statements.empty() ? "" : fmt::format("{};\n", fmt::join(statements, ";\n"));
}

/// Plain indexes of another program's where a constraint is to be, which brings its own.
std::vector<std::string> indexes_in_the_way(Connections& connections) {
  std::vector<std::string> statements;
  connections.run(AccessMode::read,
                  {"SHOW RANGE INDEXES YIELD name, labelsOrTypes, properties, owningConstraint "
                   "WHERE owningConstraint IS NULL AND (labelsOrTypes = ['Entity'] AND "
                   "properties = ['uid'] OR labelsOrTypes = ['Fact'] AND properties = ['fact_uid'])"
                   " RETURN name"},
                  [&](Unpacker& fields) {
                    statements.push_back(fmt::format("DROP INDEX `{}`", fields.string()));
                  });
  return statements;
}

std::vector<std::string> creations() {
  std::vector<std::string> statements;
  for (const Rule& rule : kRules) statements.push_back(creation_of(rule));
  statements.emplace_back("CALL db.awaitIndexes(3600)");
  statements.emplace_back(kSetVersion);
  return statements;
}

std::vector<std::string> removals() {
  std::vector<std::string> statements{std::string(kRemoveOurNodes)};
  for (const Rule& rule : kRules) statements.push_back(removal_of(rule));
  return statements;
}

/// All that leads from a graph that knows nothing of us to version 1.
std::vector<std::string> ways_up(Connections& connections, const Doubles& doubles) {
  std::vector<std::string> statements = merge_statements(doubles);
  for (auto& statement : indexes_in_the_way(connections))
    statements.push_back(std::move(statement));
  for (auto& statement : creations()) statements.push_back(std::move(statement));
  return statements;
}

std::string comment_on(const Doubles& doubles) {
  if (doubles.empty()) return {};
  std::string comment = "// doubled: " + text_of(doubles) + "\n";
  for (const std::string& why : doubles.different) comment += "// can't be merged: " + why + "\n";
  return comment;
}

void run_all(Connections& connections, const std::vector<std::string>& statements) {
  for (const std::string& statement : statements) {
    connections.cancel().check();
    connections.run(AccessMode::write, {statement});
  }
}

std::vector<std::string> rule_names(Connections& connections) {
  std::vector<std::string> names;
  for (const char* const cypher : {"SHOW CONSTRAINTS YIELD name", "SHOW INDEXES YIELD name"}) {
    connections.run(AccessMode::read, {cypher},
                    [&](Unpacker& fields) { names.emplace_back(fields.string()); });
  }
  return names;
}

void go_up(Connections& connections, bool may_merge) {
  const Doubles doubles = find_doubles(connections);
  if (!doubles.different.empty()) {
    throw Error(ErrorCode::refused,
                fmt::format("{}: UIDs stand for several things: {}", connections.address().text(),
                            fmt::join(doubles.different, "; ")),
                "nothing was changed; decide which of them stays, and remove the others");
  }
  if (!doubles.empty() && !may_merge) {
    throw Error(ErrorCode::refused,
                connections.address().text() + ": the graph holds doubles: " + text_of(doubles),
                "prismctl migrate --dry-run shows how they are merged, prismctl migrate does it");
  }
  const auto before = rule_names(connections);
  try {
    run_all(connections, ways_up(connections, doubles));
  } catch (...) {
    for (const Rule& rule : kRules) {
      if (std::count(before.begin(), before.end(), rule.name) > 0) continue;
      connections.run(AccessMode::write, {removal_of(rule)});
    }
    throw;
  }
}

void require_nothing_lost(Connections& connections) {
  std::int64_t kept = 0;
  connections.transact(AccessMode::read, [&](Transaction& transaction) {
    kept = integer_of(transaction, {"CALL { MATCH (f:Fact) RETURN count(f) AS facts } "
                                    "CALL { MATCH (r:PrismUidRange) RETURN count(r) AS ranges } "
                                    "RETURN facts + ranges"});
  });
  if (kept == 0) return;
  throw Error(ErrorCode::refused,
              connections.address().text() +
                  ": holds facts, or has given UIDs, which would be lost with the schema",
              "nothing was changed");
}

/// With the way up that a graph without facts needs.
store::Schema known_schema(Connections& connections) {
  return {read_version(connections),
          {{1, "facts, UID ranges and runs", script(creations()), script(removals())}}};
}

}  // namespace

store::Version read_version(Connections& connections) {
  std::int64_t version = 0;
  connections.transact(AccessMode::read, [&](Transaction& transaction) {
    version = integer_of(transaction, {"MATCH (s:PrismStore) RETURN s.version"});
  });
  return version;
}

store::Schema read_schema(Connections& connections) {
  store::Schema schema = known_schema(connections);
  const Doubles doubles = schema.version == 0 ? find_doubles(connections) : Doubles();
  const auto up = schema.version == 0 ? ways_up(connections, doubles) : creations();
  schema.migrations.front().up = comment_on(doubles) + script(up);
  return schema;
}

void require_newest(Connections& connections) {
  store::require_newest(known_schema(connections), connections.address().text());
}

void migrate(Connections& connections, std::optional<store::Version> to) {
  const store::MigrationPlan plan = store::plan(known_schema(connections), to);
  for (const store::MigrationStep& step : plan.steps) {
    if (step.direction == store::Direction::up) {
      go_up(connections, to.has_value());
    } else {
      require_nothing_lost(connections);
      run_all(connections, removals());
    }
  }
}

}  // namespace prism::neo4j
