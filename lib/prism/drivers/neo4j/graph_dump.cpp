#include <mutex>
#include <utility>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/parallel.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/neo4j/graph_dump.hpp>
#include <prism/drivers/neo4j/graph_lines.hpp>
#include <prism/drivers/neo4j/graph_survey.hpp>
#include <prism/drivers/neo4j/json_property.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/restore_record.hpp>
#include <prism/drivers/neo4j/rule.hpp>
#include <prism/drivers/neo4j/show_rules.hpp>
#include <prism/uid/uid_set.hpp>

namespace prism::neo4j {
namespace {

constexpr int kTimes = 3;
/// Connections that read at once. Nothing is committed between the two bookmarks, or all is read
/// again: so they see the same graph.
constexpr std::size_t kLanes = 2;
constexpr std::int64_t kFetched = 1000;  ///< records asked for at a time
constexpr std::size_t kBlock = std::size_t{256} << 10;

constexpr std::string_view kNodes =
    "MATCH (n) WHERE id(n) % $lanes = $lane RETURN id(n), labels(n), properties(n)";
constexpr std::string_view kRelationships =
    "MATCH (a)-[r]->(b) WHERE id(r) % $lanes = $lane "
    "RETURN id(a), id(b), type(r), properties(r)";

constexpr std::string_view kCounts =
    "CALL { MATCH (n) RETURN count(n) AS nodes } "
    "CALL { MATCH (n:PrismLock) RETURN count(n) AS locks } "
    "CALL { MATCH (n:PrismRestore) RETURN count(n) AS records } "
    "CALL { MATCH ()-[r]->() RETURN count(r) AS relationships } "
    "RETURN nodes - locks - records, relationships";

class GraphDump {
 public:
  GraphDump(Connections& connections, ByteSink& sink) : connections_(connections), sink_(sink) {}

  backup::Content dump() {
    std::string text;
    append_begin(text, server());
    sink_.write(text);
    for (int time = 1; !read(time == kTimes) && time < kTimes; ++time) {
      connections_.log().info(connections_.address().text() +
                              ": something was committed while it was read; it is read again");
      text.clear();
      append_again(text, time + 1);
      sink_.write(text);
    }
    text.clear();
    append_end(text, totals_);
    sink_.write(text);
    sink_.finish();
    return content();
  }

 private:
  std::string server() {
    const auto lease = connections_.take(AccessMode::write);
    return lease->server();
  }

  /// Of a transaction that only reads: it changes exactly when something was committed.
  std::string bookmark() {
    const auto lease = connections_.take(AccessMode::write);
    lease->begin({AccessMode::read});
    lease->run({"RETURN 1"});
    return lease->commit();
  }

  /// All that there is. False when something was committed meanwhile; then it is all there only the
  /// last time.
  bool read(bool last) {
    const std::string before = bookmark();
    totals_ = {};
    nodes_ = {};
    left_out_ = 0;
    read_rules();
    each_lane(kNodes, [](Lane& lane, Unpacker& fields) { node(lane, fields); });
    if (!last && bookmark() != before) return false;
    each_lane(kRelationships, [this](Lane& lane, Unpacker& fields) { relationship(lane, fields); });
    totals_.changed = bookmark() != before;
    return !totals_.changed;
  }

  /// What one connection reads: lines that are not written yet, and nodes that were.
  struct Lane {
    std::string text;
    std::vector<Uid> nodes;
    std::uint64_t relationships = 0;
    std::uint64_t left_out = 0;
  };

  void read_rules() {
    std::string text;
    connections_.transact(AccessMode::read, [&](Transaction& transaction) {
      text.clear();
      totals_ = {};
      rules_left_out_.clear();
      for (const Rule& rule : neo4j::read_rules(transaction)) {
        if (!is_known(rule)) {
          rules_left_out_.push_back(fmt::format(
              "the {} {} of type {}, which this version of prismctl does not know",
              rule.is_constraint ? "constraint" : "index", in_quotes(rule.name), rule.type));
          continue;
        }
        ++(rule.is_constraint ? totals_.constraints : totals_.indexes);
        append_rule(text, rule);
      }
    });
    sink_.write(text);
  }

  template <typename Take>
  void each_lane(std::string_view cypher, Take&& take) {
    run_parallel(kLanes, kLanes, [&](std::size_t number) {
      Parameters parameters(2);
      parameters.integer("lanes", kLanes).integer("lane", static_cast<std::int64_t>(number));
      Lane lane;
      // The leader of a cluster, so that all lanes see the same.
      const auto lease = connections_.take(AccessMode::write);
      lease->set_fetch_size(kFetched);
      lease->run({cypher, parameters.bytes()},
                 [&](Unpacker& fields) {
                   take(lane, fields);
                   if (lane.text.size() >= kBlock) write(lane);
                 },
                 {AccessMode::read});
      write(lane);
    });
  }

  void write(Lane& lane) {
    const std::lock_guard lock(mutex_);
    connections_.cancel().check();
    sink_.write(lane.text);
    for (const Uid node : lane.nodes) nodes_.insert(node);
    totals_.nodes += lane.nodes.size();
    totals_.relationships += lane.relationships;
    left_out_ += lane.left_out;
    lane.text.clear();
    lane.nodes.clear();
    lane.relationships = lane.left_out = 0;
  }

  static void node(Lane& lane, Unpacker& fields) {
    const std::size_t begin = lane.text.size();
    const std::int64_t number = fields.integer();
    lane.text += "{\"node\":";
    append_json_integer(lane.text, number);
    lane.text += ",\"labels\":[";
    if (!append_labels(lane.text, fields)) {
      lane.text.resize(begin);
      return;
    }
    lane.text += "],\"properties\":{";
    append_properties(lane.text, fields);
    lane.text += "}}\n";
    require_length(lane.text.size() - begin, "node", number);
    lane.nodes.push_back(number);
  }

  /// False for a node that is not dumped.
  static bool append_labels(std::string& text, Unpacker& fields) {
    bool first = true, dumped = true;
    for (std::size_t left = fields.list(); left > 0; --left) {
      const std::string_view label = fields.string();
      if (label == kLockLabel || label == kRestoreLabel) dumped = false;
      if (!std::exchange(first, false)) text += ',';
      append_json_string(text, label);
    }
    return dumped;
  }

  /// Nodes are not added to any more.
  void relationship(Lane& lane, Unpacker& fields) const {
    const std::int64_t from = fields.integer(), to = fields.integer();
    if (!nodes_.contains(from) || !nodes_.contains(to)) {
      ++lane.left_out;
      return;
    }
    const std::size_t begin = lane.text.size();
    lane.text += "{\"relationship\":";
    append_json_string(lane.text, fields.string());
    lane.text += ",\"from\":";
    append_json_integer(lane.text, from);
    lane.text += ",\"to\":";
    append_json_integer(lane.text, to);
    lane.text += ",\"properties\":{";
    append_properties(lane.text, fields);
    lane.text += "}}\n";
    require_length(lane.text.size() - begin, "a relationship of node", from);
    ++lane.relationships;
  }

  static void require_length(std::size_t size, const char* what, std::int64_t number) {
    if (size <= kLongestLine) return;
    throw Error(ErrorCode::bad_data,
                fmt::format("{} {} is a line of {}, more than the {} that one may have", what,
                            number, format_bytes(size), format_bytes(kLongestLine)),
                "the server's own dump takes it: set targets.NAME.dump_command");
  }

  backup::Content content() {
    backup::Content content{
        .version = server(), .counts = totals_.counts(), .left_out = rules_left_out_};
    if (totals_.changed) content.remarks.emplace_back(kChangedWords);
    if (left_out_ > 0) {
      content.left_out.push_back(
          fmt::format("{} relationships of nodes that are not dumped", left_out_));
    }
    if (const auto words = read_restore_record(connections_)) content.remarks.push_back(*words);
    return content;
  }

  Connections& connections_;
  ByteSink& sink_;
  std::mutex mutex_;  ///< of all below, while lanes read
  GraphTotals totals_;
  uid::UidSet nodes_;
  std::uint64_t left_out_ = 0;
  std::vector<std::string> rules_left_out_;
};

}  // namespace

backup::Content dump_graph(Connections& connections, backup::ArtifactWriter& artifacts) {
  // Before anything is written: a server that can't be reached leaves nothing behind.
  { const auto lease = connections.take(AccessMode::write); }
  const auto sink = artifacts.create(kGraphArtifact);
  return GraphDump(connections, *sink).dump();
}

backup::Content count_graph(Connections& connections) {
  GraphTotals totals;
  connections.transact(AccessMode::read, [&](Transaction& transaction) {
    totals = {};
    for (const Rule& rule : read_rules(transaction)) {
      if (is_known(rule)) ++(rule.is_constraint ? totals.constraints : totals.indexes);
    }
    transaction.run({kCounts}, [&](Unpacker& fields) {
      totals.nodes = static_cast<std::uint64_t>(fields.integer());
      totals.relationships = static_cast<std::uint64_t>(fields.integer());
    });
  });
  const auto lease = connections.take(AccessMode::read);
  return {lease->server(), totals.counts()};
}

}  // namespace prism::neo4j
