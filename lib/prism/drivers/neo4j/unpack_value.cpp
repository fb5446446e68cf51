#include <algorithm>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/structure.hpp>
#include <prism/drivers/neo4j/unpacker.hpp>

// Whole values; nesting is bounded, for each level is a call.

namespace prism::neo4j {
namespace {

constexpr unsigned kDeepest = 100;
/// Room made at once: what was announced may be more than there is.
constexpr std::size_t kMostAtOnce = 1024;

}  // namespace

/// The fields of one structure, the header of which was read.
class StructureReader {
 public:
  StructureReader(Unpacker& from, Unpacker::Structure header, unsigned depth)
      : from_(from), header_(header), depth_(depth) {}

  Value read();

 private:
  void fields(std::size_t expected) const { fields(expected, expected); }
  void fields(std::size_t few, std::size_t many) const {
    if (header_.fields == few || header_.fields == many) return;
    from_.fail(fmt::format("structure 0x{:02X} has {} fields, expected {}", header_.tag,
                           header_.fields, many));
  }
  std::int64_t integer() { return from_.integer(); }
  double real() { return from_.real(); }
  std::string string() { return std::string(from_.string()); }
  Map properties() { return from_.any_map(depth_); }
  /// Where the server told none (Bolt 4.4), the id as text.
  std::string element_id(bool told, std::int64_t id) {
    return told ? string() : std::to_string(id);
  }
  template <typename Part, typename Read>
  std::vector<Part> all(Read&& read) {
    std::vector<Part> parts;
    for (std::size_t left = from_.list(); left > 0; --left) parts.push_back(read());
    return parts;
  }
  /// A structure within, which must be of that tag.
  StructureReader inner(std::uint8_t tag) {
    const auto header = from_.structure();
    if (header.tag != tag) from_.fail(fmt::format("a path holds structure 0x{:02X}", header.tag));
    return {from_, header, depth_ + 1};
  }

  Node node();
  Relationship relationship();
  UnboundRelationship unbound();
  Path path();
  DateTime wall_clock();
  ZonedDateTime zoned();

  Unpacker& from_;
  Unpacker::Structure header_;
  unsigned depth_;
};

Node StructureReader::node() {
  fields(3, 4);
  Node node;
  node.id = integer();
  node.labels = all<std::string>([this] { return string(); });
  node.properties = properties();
  node.element_id = element_id(header_.fields == 4, node.id);
  return node;
}

Relationship StructureReader::relationship() {
  fields(5, 8);
  const bool told = header_.fields == 8;
  Relationship found;
  found.id = integer();
  found.start = integer();
  found.end = integer();
  found.type = string();
  found.properties = properties();
  found.element_id = element_id(told, found.id);
  found.start_element_id = element_id(told, found.start);
  found.end_element_id = element_id(told, found.end);
  return found;
}

UnboundRelationship StructureReader::unbound() {
  fields(3, 4);
  UnboundRelationship found;
  found.id = integer();
  found.type = string();
  found.properties = properties();
  found.element_id = element_id(header_.fields == 4, found.id);
  return found;
}

Path StructureReader::path() {
  fields(3);
  Path path;
  path.nodes = all<Node>([this] { return inner(tag::kNode).node(); });
  path.relationships =
      all<UnboundRelationship>([this] { return inner(tag::kUnboundRelationship).unbound(); });
  path.steps = all<std::int64_t>([this] { return integer(); });
  return path;
}

/// The moment at which the clock there shows that.
DateTime StructureReader::wall_clock() {
  DateTime moment{integer(), integer(), integer()};
  if (__builtin_sub_overflow(moment.seconds, moment.offset, &moment.seconds)) {
    from_.fail("a time that is no time");
  }
  return moment;
}

ZonedDateTime StructureReader::zoned() {
  return {integer(), integer(), string(), header_.tag == tag::kWallClockZoned};
}

Value StructureReader::read() {
  switch (header_.tag) {
    case tag::kNode:
      return node();
    case tag::kRelationship:
      return relationship();
    case tag::kUnboundRelationship:
      return unbound();
    case tag::kPath:
      return path();
    case tag::kDate:
      return fields(1), Date{integer()};
    case tag::kTime:
      return fields(2), Time{integer(), integer()};
    case tag::kLocalTime:
      return fields(1), LocalTime{integer()};
    case tag::kDateTime:
      return fields(3), DateTime{integer(), integer(), integer()};
    case tag::kWallClock:
      return fields(3), wall_clock();
    case tag::kZonedDateTime:
    case tag::kWallClockZoned:
      return fields(3), zoned();
    case tag::kLocalDateTime:
      return fields(2), LocalDateTime{integer(), integer()};
    case tag::kDuration:
      return fields(4), Duration{integer(), integer(), integer(), integer()};
    case tag::kPoint2D:
      return fields(3), Point2D{integer(), real(), real()};
    case tag::kPoint3D:
      return fields(4), Point3D{integer(), real(), real(), real()};
    default:
      from_.fail(fmt::format("no structure is known by 0x{:02X}", header_.tag));
  }
}

Value Unpacker::value() { return any(0); }

Map Unpacker::map_value() { return any_map(0); }

Value Unpacker::any(unsigned depth) {
  switch (type()) {
    case Type::null:
      null();
      return {};
    case Type::boolean:
      return boolean();
    case Type::integer:
      return integer();
    case Type::real:
      return real();
    case Type::string:
      return std::string(string());
    case Type::bytes:
      return Bytes{std::string(bytes())};
    case Type::list:
      return any_list(depth);
    case Type::map:
      return any_map(depth);
    case Type::structure:
      break;
  }
  return any_structure(depth);
}

Map Unpacker::any_map(unsigned depth) {
  if (depth >= kDeepest) fail("nested too deep");
  const std::size_t size = map();
  Map map;
  map.entries.reserve(std::min(size, kMostAtOnce));
  for (std::size_t i = 0; i < size; ++i) {
    std::string key(string());
    map.entries.push_back({std::move(key), any(depth + 1)});
  }
  return map;
}

List Unpacker::any_list(unsigned depth) {
  if (depth >= kDeepest) fail("nested too deep");
  const std::size_t size = list();
  List list;
  list.reserve(std::min(size, kMostAtOnce));
  for (std::size_t i = 0; i < size; ++i) list.push_back(any(depth + 1));
  return list;
}

Value Unpacker::any_structure(unsigned depth) {
  if (depth >= kDeepest) fail("nested too deep");
  return StructureReader(*this, structure(), depth + 1).read();
}

}  // namespace prism::neo4j
