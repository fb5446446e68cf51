#include <array>
#include <bit>
#include <limits>

#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/packer.hpp>
#include <prism/drivers/neo4j/structure.hpp>

namespace prism::neo4j {
namespace {

/// The number's lowest bytes, the most significant first.
template <std::size_t kWidth>
void append_number(std::string& out, std::uint64_t number) {
  std::array<char, kWidth> bytes;
  for (std::size_t i = 0; i < kWidth; ++i) {
    bytes[i] = static_cast<char>(number >> (8 * (kWidth - 1 - i)));
  }
  out.append(bytes.data(), kWidth);
}

/// The markers of a kind of value with a size.
struct Markers {
  int tiny;  ///< with a size below 16 in its low bits; -1: there is none
  int wide;  ///< with a size of one byte; the next two with 2 and 4 bytes
};

constexpr Markers kString{0x80, 0xD0};
constexpr Markers kList{0x90, 0xD4};
constexpr Markers kMap{0xA0, 0xD8};
constexpr Markers kBytes{-1, 0xCC};

void append_size(std::string& out, Markers markers, std::size_t size) {
  const auto marker = [&](int byte) { out.push_back(static_cast<char>(byte)); };
  if (size < 16 && markers.tiny >= 0) {
    marker(markers.tiny + static_cast<int>(size));
  } else if (size <= 0xFF) {
    marker(markers.wide);
    append_number<1>(out, size);
  } else if (size <= 0xFFFF) {
    marker(markers.wide + 1);
    append_number<2>(out, size);
  } else if (size <= std::numeric_limits<std::int32_t>::max()) {
    marker(markers.wide + 2);
    append_number<4>(out, size);
  } else {
    throw Error(ErrorCode::bad_data,
                "a value of " + std::to_string(size) + " bytes or items is too large for Neo4j");
  }
}

/// Packs what a value holds.
class PackAny {
 public:
  explicit PackAny(Packer& packer) : to_(packer) {}

  void operator()(Null) const { to_.null(); }
  void operator()(bool value) const { to_.boolean(value); }
  void operator()(std::int64_t value) const { to_.integer(value); }
  void operator()(double value) const { to_.real(value); }
  void operator()(const std::string& value) const { to_.string(value); }
  void operator()(const Bytes& value) const { to_.bytes(value.bytes); }
  void operator()(const List& list) const { items(list); }
  void operator()(const Map& map) const {
    to_.map(map.entries.size());
    for (const Entry& entry : map.entries) {
      to_.string(entry.key);
      to_.value(entry.value);
    }
  }
  void operator()(Date value) const { to_.date(value); }
  void operator()(Time value) const { integers(tag::kTime, {value.nanoseconds, value.offset}); }
  void operator()(LocalTime value) const { integers(tag::kLocalTime, {value.nanoseconds}); }
  void operator()(DateTime value) const {
    integers(tag::kDateTime, {value.seconds, value.nanoseconds, value.offset});
  }
  void operator()(const Value::Shared<ZonedDateTime>& value) const {
    to_.structure(value->wall_clock ? tag::kWallClockZoned : tag::kZonedDateTime, 3);
    to_.integer(value->seconds);
    to_.integer(value->nanoseconds);
    to_.string(value->zone);
  }
  void operator()(LocalDateTime value) const {
    integers(tag::kLocalDateTime, {value.seconds, value.nanoseconds});
  }
  void operator()(Duration value) const {
    integers(tag::kDuration, {value.months, value.days, value.seconds, value.nanoseconds});
  }
  void operator()(Point2D point) const {
    to_.structure(tag::kPoint2D, 3);
    to_.integer(point.srid);
    to_.real(point.x);
    to_.real(point.y);
  }
  void operator()(Point3D point) const {
    to_.structure(tag::kPoint3D, 4);
    to_.integer(point.srid);
    to_.real(point.x);
    to_.real(point.y);
    to_.real(point.z);
  }
  void operator()(const Value::Shared<Node>& node) const { pack(*node); }
  void operator()(const Value::Shared<Relationship>& value) const {
    to_.structure(tag::kRelationship, 8);
    for (const std::int64_t id : {value->id, value->start, value->end}) to_.integer(id);
    to_.string(value->type);
    (*this)(value->properties);
    to_.string(value->element_id);
    to_.string(value->start_element_id);
    to_.string(value->end_element_id);
  }
  void operator()(const Value::Shared<UnboundRelationship>& value) const { pack(*value); }
  void operator()(const Value::Shared<Path>& path) const {
    to_.structure(tag::kPath, 3);
    to_.list(path->nodes.size());
    for (const Node& node : path->nodes) pack(node);
    to_.list(path->relationships.size());
    for (const UnboundRelationship& relationship : path->relationships) pack(relationship);
    to_.list(path->steps.size());
    for (const std::int64_t step : path->steps) to_.integer(step);
  }

 private:
  void pack(const Node& node) const {
    to_.structure(tag::kNode, 4);
    to_.integer(node.id);
    to_.list(node.labels.size());
    for (const std::string& label : node.labels) to_.string(label);
    (*this)(node.properties);
    to_.string(node.element_id);
  }
  void pack(const UnboundRelationship& relationship) const {
    to_.structure(tag::kUnboundRelationship, 4);
    to_.integer(relationship.id);
    to_.string(relationship.type);
    (*this)(relationship.properties);
    to_.string(relationship.element_id);
  }
  void items(const List& list) const {
    to_.list(list.size());
    for (const Value& value : list) to_.value(value);
  }
  void integers(std::uint8_t tag, std::initializer_list<std::int64_t> fields) const {
    to_.structure(tag, fields.size());
    for (const std::int64_t field : fields) to_.integer(field);
  }

  Packer& to_;
};

}  // namespace

void Packer::integer(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  if (value >= -16 && value <= 127) {
    append_number<1>(out_, bits);
  } else if (value >= -128 && value < -16) {
    out_.push_back('\xC8');
    append_number<1>(out_, bits);
  } else if (value >= -32'768 && value <= 32'767) {
    out_.push_back('\xC9');
    append_number<2>(out_, bits);
  } else if (value >= -2'147'483'648LL && value <= 2'147'483'647LL) {
    out_.push_back('\xCA');
    append_number<4>(out_, bits);
  } else {
    out_.push_back('\xCB');
    append_number<8>(out_, bits);
  }
}

void Packer::real(double value) {
  out_.push_back('\xC1');
  append_number<8>(out_, std::bit_cast<std::uint64_t>(value));
}

void Packer::string(std::string_view value) {
  append_size(out_, kString, value.size());
  out_.append(value);
}

void Packer::bytes(std::string_view value) {
  append_size(out_, kBytes, value.size());
  out_.append(value);
}

void Packer::list(std::size_t size) { append_size(out_, kList, size); }

void Packer::map(std::size_t size) { append_size(out_, kMap, size); }

void Packer::structure(std::uint8_t tag, std::size_t fields) {
  out_.push_back(static_cast<char>(0xB0 + (fields & 0x0F)));
  out_.push_back(static_cast<char>(tag));
}

void Packer::date(Date value) {
  structure(tag::kDate, 1);
  integer(value.days);
}

void Packer::value(const Value& value) { std::visit(PackAny(*this), value.data); }

}  // namespace prism::neo4j
