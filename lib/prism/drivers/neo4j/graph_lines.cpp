#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/neo4j/graph_lines.hpp>
#include <prism/drivers/neo4j/json_property.hpp>
#include <prism/drivers/neo4j/line_input.hpp>

namespace prism::neo4j {
namespace {

/// Names of the graph as the server takes them.
void require_name(std::string_view name, const JsonLine& json) {
  if (name.empty()) json.fail("an empty name");
  if (name.find('\0') != std::string_view::npos) json.fail("a NUL in a name");
}

class GraphReader {
 public:
  GraphReader(LineInput& lines, GraphVisitor& visitor, std::uint64_t skipped)
      : lines_(lines), visitor_(visitor), skipped_(skipped) {}

  void read() {
    begin();
    while (!ended_) {
      const auto line = lines_.next();
      if (!line) lines_.fail_cut();
      if (skipped_ > 0) {
        if (line->starts_with(kAgain)) --skipped_;
      } else {
        take(*line);
      }
    }
    if (lines_.next()) throw Error(ErrorCode::bad_data, "something follows the line \"end\"");
  }

 private:
  static constexpr std::string_view kAgain = "{\"again\":";
  static constexpr std::string_view kNode = "{\"node\":";
  static constexpr std::string_view kRelationship = "{\"relationship\":";
  static constexpr std::string_view kEnd = "{\"end\":{";

  enum class Part : std::uint8_t { rules, nodes, relationships };

  void begin() {
    const auto line = lines_.next();
    if (!line) lines_.fail_cut();
    JsonLine json(*line, lines_.number());
    json.expect("{\"prismctl\":\"graph\",\"version\":");
    if (const std::int64_t version = json.integer(); version != 1) {
      json.fail(
          fmt::format("version {} of this form, expected 1: a newer prismctl wrote it", version));
    }
    json.expect(",\"server\":");
    visitor_.begin(json.string());
    json.expect("}");
    json.expect_end();
  }

  void take(std::string_view line) {
    JsonLine json(line, lines_.number());
    if (json.take(kNode)) return node(json);
    if (json.take(kRelationship)) return relationship(json);
    if (json.take(kAgain)) return again(json);
    if (json.take(kEnd)) return end(json);
    const Rule rule = read_rule(json);
    require_part(Part::rules, json);
    visitor_.rule(rule);
  }

  void require_part(Part part, const JsonLine& json) {
    if (part < part_) json.fail("constraints and indexes, nodes and relationships in this order");
    part_ = part;
  }

  void node(JsonLine& json) {
    require_part(Part::nodes, json);
    node_.number = json.count();
    json.expect(",\"labels\":[");
    node_.labels.clear();
    while (!json.take("]")) {
      if (!node_.labels.empty()) json.expect(",");
      node_.labels.emplace_back(json.string());
      require_name(node_.labels.back(), json);
    }
    node_.properties = properties(json);
    visitor_.node(node_);
  }

  void relationship(JsonLine& json) {
    require_part(Part::relationships, json);
    relationship_.type = json.string();
    require_name(relationship_.type, json);
    json.expect(",\"from\":");
    relationship_.from = json.count();
    json.expect(",\"to\":");
    relationship_.to = json.count();
    relationship_.properties = properties(json);
    visitor_.relationship(relationship_);
  }

  PackedProperties properties(JsonLine& json) {
    json.expect(",\"properties\":");
    packed_.clear();
    const std::size_t count = pack_properties(packed_, json);
    json.expect("}");
    json.expect_end();
    return {count, packed_};
  }

  void again(JsonLine& json) {
    json.count();
    json.expect("}");
    json.expect_end();
    part_ = Part::rules;
    visitor_.again();
  }

  void end(JsonLine& json) {
    GraphTotals totals;
    const auto count = [&](std::string_view before) {
      json.expect(before);
      return static_cast<std::uint64_t>(json.count());
    };
    totals.nodes = count("\"nodes\":");
    totals.relationships = count(",\"relationships\":");
    totals.constraints = count(",\"constraints\":");
    totals.indexes = count(",\"indexes\":");
    json.expect(",\"changed\":");
    totals.changed = json.boolean();
    json.expect("}}");
    json.expect_end();
    ended_ = true;
    visitor_.end(totals);
  }

  LineInput& lines_;
  GraphVisitor& visitor_;
  std::uint64_t skipped_;
  Part part_ = Part::rules;
  bool ended_ = false;
  NodeLine node_;
  RelationshipLine relationship_;
  std::string packed_;
};

}  // namespace

backup::Counts GraphTotals::counts() const {
  return {{"nodes", nodes},
          {"relationships", relationships},
          {"constraints", constraints},
          {"indexes", indexes}};
}

void read_graph(ByteSource& source, GraphVisitor& visitor, const Cancel& cancel,
                std::uint64_t skipped) {
  LineInput lines(source, cancel);
  try {
    GraphReader(lines, visitor, skipped).read();
  } catch (const Error& e) {
    if (e.code() != ErrorCode::bad_data) throw;
    throw Error(e.code(), std::string(kGraphArtifact) + ": " + e.what(), e.hint());
  }
}

bool is_rule_line(std::string_view line) {
  return line.starts_with("{\"constraint\":") || line.starts_with("{\"index\":");
}

void append_begin(std::string& json, std::string_view server) {
  json += "{\"prismctl\":\"graph\",\"version\":1,\"server\":";
  append_json_string(json, server);
  json += "}\n";
}

void append_again(std::string& json, int time) { json += fmt::format("{{\"again\":{}}}\n", time); }

void append_end(std::string& json, const GraphTotals& totals) {
  json += fmt::format(
      "{{\"end\":{{\"nodes\":{},\"relationships\":{},\"constraints\":{},\"indexes\":{},"
      "\"changed\":{}}}}}\n",
      totals.nodes, totals.relationships, totals.constraints, totals.indexes, totals.changed);
}

}  // namespace prism::neo4j
