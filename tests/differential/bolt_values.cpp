// Values of Neo4j between PackStream, a real server and a neutral form in JSON, one a line, for
// tests/differential/bolt.py.

#include <bit>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include <prism/base/error.hpp>
#include <prism/config/settings.hpp>
#include <prism/drivers/neo4j/connections.hpp>
#include <prism/drivers/neo4j/packer.hpp>

namespace prism::neo4j {
namespace {

using Json = nlohmann::json;

// The neutral form is a list: the kind, then what it holds. Floats are their 64 bits as a number.

Json json_of(double number) { return std::bit_cast<std::uint64_t>(number); }

Json hex_of(const std::string& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return hex;
}

Json json_of(const Value& value);

Json json_of(const Map& map) {
  Json entries = Json::array();
  for (const Entry& entry : map.entries) entries.push_back({entry.key, json_of(entry.value)});
  return entries;
}

Json json_of(const Node& node) {
  return {"node", node.id, node.labels, json_of(node.properties), node.element_id};
}

Json json_of(const UnboundRelationship& step) {
  return {"step", step.id, step.type, json_of(step.properties), step.element_id};
}

template <typename Part>
Json list_of(const std::vector<Part>& parts) {
  Json list = Json::array();
  for (const Part& part : parts) list.push_back(json_of(part));
  return list;
}

struct ToJson {
  Json operator()(Null) const { return Json::array({"null"}); }
  Json operator()(bool value) const { return {"boolean", value}; }
  Json operator()(std::int64_t value) const { return {"integer", value}; }
  Json operator()(double value) const { return {"float", json_of(value)}; }
  Json operator()(const std::string& value) const { return {"string", value}; }
  Json operator()(const Bytes& value) const { return {"bytes", hex_of(value.bytes)}; }
  Json operator()(const List& list) const { return {"list", list_of(list)}; }
  Json operator()(const Map& map) const { return {"map", json_of(map)}; }
  Json operator()(Date date) const { return {"date", date.days}; }
  Json operator()(Time time) const { return {"time", time.nanoseconds, time.offset}; }
  Json operator()(LocalTime time) const { return {"local-time", time.nanoseconds}; }
  Json operator()(DateTime time) const {
    return {"date-time", time.seconds, time.nanoseconds, time.offset};
  }
  Json operator()(const Value::Shared<ZonedDateTime>& time) const {
    return {"zoned", time->seconds, time->nanoseconds, time->zone};
  }
  Json operator()(LocalDateTime time) const {
    return {"local-date-time", time.seconds, time.nanoseconds};
  }
  Json operator()(Duration time) const {
    return {"duration", time.months, time.days, time.seconds, time.nanoseconds};
  }
  Json operator()(Point2D point) const {
    return {"point", point.srid, json_of(point.x), json_of(point.y)};
  }
  Json operator()(Point3D point) const {
    return {"point", point.srid, json_of(point.x), json_of(point.y), json_of(point.z)};
  }
  Json operator()(const Value::Shared<Node>& node) const { return json_of(*node); }
  Json operator()(const Value::Shared<UnboundRelationship>& step) const { return json_of(*step); }
  Json operator()(const Value::Shared<Relationship>& one) const {
    return {"relationship",     one->id,
            one->start,         one->end,
            one->type,          json_of(one->properties),
            one->element_id,    one->start_element_id,
            one->end_element_id};
  }
  Json operator()(const Value::Shared<Path>& path) const {
    return {"path", list_of(path->nodes), list_of(path->relationships), path->steps};
  }
};

Json json_of(const Value& value) { return std::visit(ToJson(), value.data); }

double float_of(const Json& json) { return std::bit_cast<double>(json.get<std::uint64_t>()); }

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

Value value_of(const Json& json);

List list_of(const Json& json) {
  List list;
  for (const Json& part : json) list.push_back(value_of(part));
  return list;
}

Map map_of(const Json& json) {
  Map map;
  for (const Json& entry : json) map.entries.push_back({entry[0], value_of(entry[1])});
  return map;
}

Node node_of(const Json& json) { return {json[1], json[2], map_of(json[3]), json[4]}; }

UnboundRelationship step_of(const Json& json) {
  return {json[1], json[2], map_of(json[3]), json[4]};
}

Path path_of(const Json& json) {
  Path path;
  for (const Json& node : json[1]) path.nodes.push_back(node_of(node));
  for (const Json& step : json[2]) path.relationships.push_back(step_of(step));
  path.steps = json[3].get<std::vector<std::int64_t>>();
  return path;
}

Value plain_value_of(const std::string& kind, const Json& json) {
  if (kind == "null") return {};
  if (kind == "boolean") return json[1].get<bool>();
  if (kind == "integer") return json[1].get<std::int64_t>();
  if (kind == "float") return float_of(json[1]);
  if (kind == "string") return json[1].get<std::string>();
  if (kind == "bytes") return Bytes{bytes_of(json[1])};
  if (kind == "list") return list_of(json[1]);
  if (kind == "map") return map_of(json[1]);
  throw std::runtime_error("unknown kind " + kind);
}

Value value_of(const Json& json) {
  const std::string kind = json[0];
  if (kind == "date") return Date{json[1]};
  if (kind == "time") return Time{json[1], json[2]};
  if (kind == "local-time") return LocalTime{json[1]};
  if (kind == "date-time") return DateTime{json[1], json[2], json[3]};
  if (kind == "zoned") return ZonedDateTime{json[1], json[2], json[3]};
  if (kind == "local-date-time") return LocalDateTime{json[1], json[2]};
  if (kind == "duration") return Duration{json[1], json[2], json[3], json[4]};
  if (kind == "point" && json.size() == 4) {
    return Point2D{json[1], float_of(json[2]), float_of(json[3])};
  }
  if (kind == "point") {
    return Point3D{json[1], float_of(json[2]), float_of(json[3]), float_of(json[4])};
  }
  if (kind == "node") return node_of(json);
  if (kind == "step") return step_of(json);
  if (kind == "path") return path_of(json);
  if (kind == "relationship") {
    return Relationship{json[1],         json[2], json[3], json[4],
                        map_of(json[5]), json[6], json[7], json[8]};
  }
  return plain_value_of(kind, json);
}

// ---- what it does -------------------------------------------------------------------------------

/// PackStream on standard input becomes lines.
void decode() {
  const std::string bytes{std::istreambuf_iterator<char>(std::cin), {}};
  Unpacker unpacker(bytes);
  while (!unpacker.at_end()) std::cout << json_of(unpacker.value()) << '\n';
}

/// Lines on standard input become PackStream.
void encode() {
  std::string bytes;
  for (std::string line; std::getline(std::cin, line);) {
    Packer(bytes).value(value_of(Json::parse(line)));
  }
  std::cout << bytes;
}

class Server {
 public:
  explicit Server(const std::string& url)
      : log_({.level = LogLevel::warning}),
        connections_({.address = parse_address(url)}, log_, cancel_) {}

  /// Lines on standard input become nodes `(:Value {n, v})`, numbered from 0.
  void store() {
    constexpr std::size_t kBatch = 1000;
    List rows;
    std::int64_t number = 0;
    for (std::string line; std::getline(std::cin, line);) {
      rows.emplace_back(Map{{{"n", number++}, {"v", value_of(Json::parse(line))}}});
      if (rows.size() == kBatch) write(std::exchange(rows, {}));
    }
    write(std::move(rows));
  }

  /// The nodes become lines in the order of their numbers.
  void fetch() {
    connections_.run(AccessMode::read, {"MATCH (x:Value) RETURN x.v ORDER BY x.n"},
                     [](Unpacker& fields) { std::cout << json_of(fields.value()) << '\n'; });
  }

  /// Lines on standard input go through the server and become lines again.
  void echo() {
    const auto lease = connections_.take(AccessMode::read);
    for (std::string line; std::getline(std::cin, line);) {
      std::string parameters;
      Packer(parameters).value(Map{{{"v", value_of(Json::parse(line))}}});
      lease->run({"RETURN $v", parameters},
                 [](Unpacker& fields) { std::cout << json_of(fields.value()) << '\n'; });
    }
  }

 private:
  void write(List rows) {
    std::string parameters;
    Packer(parameters).value(Map{{{"rows", std::move(rows)}}});
    connections_.transact(AccessMode::write, [&](Transaction& transaction) {
      transaction.send({"UNWIND $rows AS row CREATE (:Value {n: row.n, v: row.v})", parameters});
    });
  }

  Log log_;
  Cancel cancel_;
  Connections connections_;
};

int run(const std::string& what, const std::string& url) {
  if (what == "decode") return decode(), 0;
  if (what == "encode") return encode(), 0;
  Server server(url);
  if (what == "store") return server.store(), 0;
  if (what == "fetch") return server.fetch(), 0;
  if (what == "echo") return server.echo(), 0;
  std::cerr << "decode, encode, store, fetch or echo was expected\n";
  return 64;
}

}  // namespace
}  // namespace prism::neo4j

int main(int count, char** words) {
  std::ios::sync_with_stdio(false);
  try {
    return prism::neo4j::run(count > 1 ? words[1] : "", count > 2 ? words[2] : "");
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
