#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

#include <fmt/format.h>

#include <prism/backup/unfinished_restore.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/neo4j/batch_lanes.hpp>
#include <prism/drivers/neo4j/graph_dump.hpp>
#include <prism/drivers/neo4j/graph_lines.hpp>
#include <prism/drivers/neo4j/graph_restore.hpp>
#include <prism/drivers/neo4j/graph_survey.hpp>
#include <prism/drivers/neo4j/line_input.hpp>
#include <prism/drivers/neo4j/lock.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/restore_record.hpp>
#include <prism/drivers/neo4j/rule.hpp>
#include <prism/drivers/neo4j/show_rules.hpp>

namespace prism::neo4j {
namespace {

/// They keep two cores of a server busy.
constexpr std::size_t kLanes = 3;
/// Nodes of a transaction at most: with more the server collects garbage for longer than it writes.
constexpr std::size_t kMostNodes = 1000;
/// So many relationships cost it as much as one node with its properties.
constexpr std::size_t kRelationshipsPerNode = 5;
/// Of a batch: the server holds all of it in its memory, and decodes it.
constexpr std::size_t kMostBytes = 4U << 20;
/// Of all batches that are being collected.
constexpr std::size_t kMostHeld = 16U << 20;
/// The server needs a moment to see that one which was killed is gone.
constexpr std::chrono::seconds kLockWait{10};

constexpr std::string_view kRemoveRelationships =
    "MATCH ()-[r]->() CALL { WITH r DELETE r } IN TRANSACTIONS OF 10000 ROWS";
/// The lock's transaction, our own, holds its node.
constexpr std::string_view kRemoveNodes =
    "MATCH (n) WHERE NOT n:PrismLock AND NOT n:PrismRestore "
    "CALL { WITH n DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS";
constexpr std::string_view kAwaitIndexes = "CALL db.awaitIndexes(86400)";

/// Of rows (number, properties).
std::string creation_of_nodes(const std::vector<std::string>& labels) {
  std::string cypher = "UNWIND $rows AS row CREATE (n";
  for (const std::string& label : labels) cypher += ":" + in_backticks(label);
  return cypher + ") SET n = row[1] RETURN row[0], id(n)";
}

/// Of rows (id of a node, id of another, properties). Ids, which Neo4j 5 would rather have replaced
/// by element ids, are what 4.4 has, too.
std::string creation_of_relationships(const std::string& type) {
  return "UNWIND $rows AS row MATCH (a) WHERE id(a) = row[0] MATCH (b) WHERE id(b) = row[1] "
         "CREATE (a)-[r:" +
         in_backticks(type) + "]->(b) SET r = row[2]";
}

/// A statement that commits by itself and may be done twice.
void run_again(Connections& connections, std::string_view cypher,
               std::string_view parameters = {}) {
  connections.cancel().check();
  connections.retried([&] {
    try {
      connections.run(AccessMode::write, {cypher, parameters});
    } catch (const CommitUnknown& e) {
      throw Failure(e);
    }
  });
}

/// Collects rows by their query and the groups of the nodes that they lock, and hands them on in
/// batches.
class RowsCollector {
 public:
  RowsCollector(BatchLanes& lanes, std::size_t batch_size)
      : lanes_(lanes), batch_size_(batch_size) {}

  /// The rows of a query, to which one is added; then added() is called.
  std::string& rows_of(const std::string& cypher, NodeGroups groups = 0) {
    cell_ = cells_.try_emplace(groups).first;
    RowsQuery& query = cell_->second.queries[cypher];
    ++query.count;
    added_to_ = &query.rows;
    before_ = query.rows.size();
    return query.rows;
  }

  void added() {
    const std::size_t size = added_to_->size() - before_;
    Cell& cell = cell_->second;
    cell.bytes += size;
    bytes_ += size;
    if (++cell.count >= batch_size_ || cell.bytes >= kMostBytes) {
      give(cell_);
    } else if (bytes_ >= kMostHeld) {
      give(std::max_element(cells_.begin(), cells_.end(), [](const auto& a, const auto& b) {
        return a.second.bytes < b.second.bytes;
      }));
    }
  }

  void flush() {
    while (!cells_.empty()) give(cells_.begin());
  }

 private:
  struct Cell {
    std::map<std::string, RowsQuery> queries;
    std::size_t count = 0;
    std::size_t bytes = 0;
  };
  using Cells = std::map<NodeGroups, Cell>;

  void give(Cells::iterator cell) {
    RowsBatch batch{.queries = {}, .nodes = cell->first};
    for (auto& [cypher, query] : cell->second.queries) {
      query.cypher = cypher;
      batch.queries.push_back(std::move(query));
    }
    bytes_ -= cell->second.bytes;
    cells_.erase(cell);
    lanes_.push(std::move(batch));
  }

  BatchLanes& lanes_;
  std::size_t batch_size_;
  Cells cells_;
  Cells::iterator cell_;  ///< to which a row is being added
  std::string* added_to_ = nullptr;
  std::size_t before_ = 0;
  std::size_t bytes_ = 0;  ///< of all cells
};

std::size_t nodes_of_batch(const Connections& connections) {
  return std::min(connections.settings().batch_size, kMostNodes);
}

/// The ids that nodes have got in the graph, by the numbers that they have in the artifact: 16
/// bytes each.
class NodeIds {
 public:
  void add(const Pairs& pairs) { ids_.insert(ids_.end(), pairs.begin(), pairs.end()); }
  /// All are there.
  void sort() { std::sort(ids_.begin(), ids_.end()); }
  std::int64_t of(std::int64_t number) const;

 private:
  Pairs ids_;
};

std::int64_t NodeIds::of(std::int64_t number) const {
  const auto found = std::lower_bound(ids_.begin(), ids_.end(), Pairs::value_type(number, 0));
  if (found != ids_.end() && found->first == number) return found->second;
  throw Error(ErrorCode::internal, fmt::format("node {} was not made", number));
}

/// Where the rows of one part go.
struct Stage {
  Stage(Connections& connections, std::size_t batch_size, BatchLanes::TakePairs take = {})
      : lanes(connections, kLanes, std::move(take)), rows(lanes, batch_size) {}

  void finish() {
    rows.flush();
    lanes.finish();
  }

  BatchLanes lanes;
  RowsCollector rows;
};

/// Makes nodes and relationships; keeps the rules for later.
class GraphWriter : public GraphVisitor {
 public:
  explicit GraphWriter(Connections& connections) : connections_(connections) {
    nodes_.emplace(connections, nodes_of_batch(connections),
                   [this](const Pairs& pairs) { ids_.add(pairs); });
  }

  void begin(std::string_view) override {}
  void rule(const Rule& rule) override { rules_.push_back(rule); }
  void node(const NodeLine& node) override;
  void relationship(const RelationshipLine& relationship) override;
  void again() override {}
  void end(const GraphTotals&) override;

  const std::vector<Rule>& rules() const { return rules_; }

 private:
  void finish_nodes();

  Connections& connections_;
  std::vector<Rule> rules_;
  NodeIds ids_;
  std::optional<Stage> nodes_;
  std::optional<Stage> relationships_;
  std::vector<std::string> labels_;  ///< of the node before
  std::string create_nodes_;
  std::string type_;  ///< of the relationship before
  std::string create_relationships_;
};

void GraphWriter::node(const NodeLine& node) {
  if (create_nodes_.empty() || labels_ != node.labels) {
    labels_ = node.labels;
    create_nodes_ = creation_of_nodes(labels_);
  }
  std::string& rows = nodes_->rows.rows_of(create_nodes_);
  Packer packer(rows);
  packer.list(2);
  packer.integer(node.number);
  packer.map(node.properties.count);
  rows.append(node.properties.entries);
  nodes_->rows.added();
}

void GraphWriter::finish_nodes() {
  nodes_->finish();
  nodes_.reset();
  ids_.sort();
}

void GraphWriter::relationship(const RelationshipLine& relationship) {
  if (!relationships_) {
    finish_nodes();
    relationships_.emplace(connections_, kRelationshipsPerNode * nodes_of_batch(connections_));
  }
  if (type_ != relationship.type) {
    type_ = relationship.type;
    create_relationships_ = creation_of_relationships(type_);
  }
  const std::int64_t from = ids_.of(relationship.from), to = ids_.of(relationship.to);
  std::string& rows = relationships_->rows.rows_of(create_relationships_, groups_of(from, to));
  Packer packer(rows);
  packer.list(3);
  packer.integer(from);
  packer.integer(to);
  packer.map(relationship.properties.count);
  rows.append(relationship.properties.entries);
  relationships_->rows.added();
}

void GraphWriter::end(const GraphTotals&) {
  if (nodes_) nodes_->finish();
  if (relationships_) relationships_->finish();
}

std::vector<Rule> rules_there(Connections& connections) {
  std::vector<Rule> rules;
  connections.transact(AccessMode::read,
                       [&](Transaction& transaction) { rules = read_rules(transaction); });
  return rules;
}

/// The labels of nodes and the types of relationships have an index in every graph, which is left
/// if it is to be there again.
bool is_same_lookup(const Rule& a, const Rule& b) {
  return !a.is_constraint && !b.is_constraint && a.type == "LOOKUP" && b.type == "LOOKUP" &&
         a.name == b.name && a.entity == b.entity;
}

bool has(const std::vector<Rule>& rules, const Rule& rule) {
  return std::any_of(rules.begin(), rules.end(),
                     [&](const Rule& other) { return is_same_lookup(rule, other); });
}

/// Collects the rules alone.
class RulesOnly : public GraphSurvey {
 public:
  void rule(const Rule& rule) override {
    GraphSurvey::rule(rule);
    rules.push_back(rule);
  }
  void again() override {
    GraphSurvey::again();
    rules.clear();
  }
  std::vector<Rule> rules;
};

/// But for those indexes that are among `kept`.
void remove_all(Connections& connections, const std::vector<Rule>& kept) {
  for (const Rule& rule : rules_there(connections)) {
    if (!has(kept, rule)) run_again(connections, removal_of(rule));
  }
  run_again(connections, kRemoveRelationships);
  run_again(connections, kRemoveNodes);
}

std::string edition_of(Connections& connections) {
  std::string edition;
  connections.run(AccessMode::read, {"CALL dbms.components() YIELD edition"},
                  [&](Unpacker& fields) { edition = fields.string(); });
  return edition;
}

/// Community refuses keys and the like, which would be told only at the end.
bool is_special(const Rule& rule) {
  return rule.is_constraint && rule.type.find("UNIQUENESS") == std::string::npos;
}

bool any_special(const std::vector<Rule>& rules) {
  return std::any_of(rules.begin(), rules.end(), is_special);
}

void require_makeable(Connections& connections, const std::vector<Rule>& rules) {
  const auto special = std::find_if(rules.begin(), rules.end(), is_special);
  if (special == rules.end() || edition_of(connections) != "community") return;
  throw Error(ErrorCode::configuration,
              fmt::format("{}: Neo4j Community has no constraints such as {} of type {}",
                          connections.address().text(), in_quotes(special->name), special->type),
              "nothing was touched; restore it into an Enterprise server");
}

/// What comes before the first node: but for a dump that was begun again, all there are.
std::vector<Rule> first_rules(backup::ArtifactReader& artifacts, const Cancel& cancel) {
  const auto source = artifacts.open(kGraphArtifact);
  LineInput lines(*source, cancel);
  std::vector<Rule> rules;
  lines.next();
  for (auto line = lines.next(); line && is_rule_line(*line); line = lines.next()) {
    JsonLine json(*line, lines.number());
    rules.push_back(read_rule(json));
  }
  return rules;
}

/// Whether the graph holds what a constraint forbids.
bool is_forbidden(const Failure& failure) {
  return failure.server_code() == "Neo.DatabaseError.Schema.ConstraintCreationFailed" ||
         failure.server_code() == "Neo.ClientError.Schema.ConstraintCreationFailed" ||
         failure.server_code() == "Neo.ClientError.Schema.ConstraintValidationFailed";
}

class GraphRestore {
 public:
  GraphRestore(Connections& connections, backup::ArtifactReader& artifacts, RestoreRecord record)
      : connections_(connections), artifacts_(artifacts), record_(record) {}

  backup::Content restore() {
    read(survey_);
    require_makeable(connections_, survey_.rules);
    const auto lock = lock_runs(connections_, "restore", kLockWait);
    await_writers(connections_);
    write_restore_record(connections_, with_separators(survey_.totals().nodes) + " nodes");
    try {
      put_back();
      if (record_ == RestoreRecord::removed) remove_restore_record(connections_);
    } catch (const Error& e) {
      throw backup::unfinished_restore(e);
    }
    backup::Content content = survey_.content();
    content.left_out = std::move(unmade_);
    return content;
  }

 private:
  void read(GraphVisitor& visitor, std::uint64_t skipped = 0) {
    const auto source = artifacts_.open(kGraphArtifact);
    read_graph(*source, visitor, connections_.cancel(), skipped);
  }

  void put_back() {
    remove_all(connections_, survey_.rules);
    GraphWriter writer(connections_);
    read(writer, survey_.void_parts());
    make_rules();
    require_complete();
  }

  /// Indexes first: they fill by themselves while the constraints are made, each of which is waited
  /// for.
  void make_rules() {
    const auto there = rules_there(connections_);
    std::vector<Rule> missing = survey_.rules;
    std::erase_if(missing, [&](const Rule& rule) { return has(there, rule); });
    std::stable_partition(missing.begin(), missing.end(),
                          [](const Rule& rule) { return !rule.is_constraint; });
    for (const Rule& rule : missing) {
      connections_.cancel().check();
      make(rule);
    }
    run_again(connections_, kAwaitIndexes);
  }

  /// Nodes that were read at different moments may break a constraint that held at each of them.
  /// Such a dump would never be restored, with the old graph gone: it goes without.
  void make(const Rule& rule) {
    const std::string parameters = parameters_of(rule);
    try {
      connections_.run(AccessMode::write, {creation_of(rule), parameters});
    } catch (const Failure& e) {
      if (!survey_.totals().changed || !rule.is_constraint || !is_forbidden(e)) throw;
      unmade_.push_back(fmt::format("the constraint {}: {}", in_quotes(rule.name), e.what()));
      connections_.log().warning("not made: " + unmade_.back());
    }
  }

  void require_complete() {
    GraphTotals expected = survey_.totals();
    expected.constraints -= unmade_.size();
    if (count_graph(connections_).counts == expected.counts()) return;
    throw Error(ErrorCode::unavailable,
                connections_.address().text() +
                    ": another program wrote to the graph while it was restored",
                "stop it");
  }

  Connections& connections_;
  backup::ArtifactReader& artifacts_;
  RestoreRecord record_;
  RulesOnly survey_;
  std::vector<std::string> unmade_;  ///< constraints, with why
};

}  // namespace

backup::Content restore_graph(Connections& connections, backup::ArtifactReader& artifacts,
                              RestoreRecord record) {
  return GraphRestore(connections, artifacts, record).restore();
}

void require_edition(Connections& connections, backup::ArtifactReader& artifacts) {
  if (edition_of(connections) != "community") return;
  try {
    if (!any_special(first_rules(artifacts, connections.cancel()))) return;
    RulesOnly last;
    const auto source = artifacts.open(kGraphArtifact);
    read_graph(*source, last, connections.cancel());
    require_makeable(connections, last.rules);
  } catch (const Error& e) {
    // What is damaged is told of by who reads all of it.
    if (e.code() != ErrorCode::bad_data) throw;
  }
}

void empty_graph(Connections& connections) {
  const auto lock = lock_runs(connections, "restore test", kLockWait);
  await_writers(connections);
  remove_all(connections, rules_there(connections));
  remove_restore_record(connections);
}

}  // namespace prism::neo4j
