#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <prism/base/export.hpp>

namespace prism::neo4j {

struct Value;

using Null = std::monostate;
using List = std::vector<Value>;

struct Bytes {
  std::string bytes;
  bool operator==(const Bytes&) const = default;
};

struct Entry;

/// Entries in the order of the wire; equal to another whatever the order.
struct PRISM_API Map {
  std::vector<Entry> entries;

  /// Null where there is none of that key.
  const Value* find(std::string_view key) const;
  bool operator==(const Map& other) const;
};

/// Ids are the server's internal numbers. Element ids came with Bolt 5; before they are the same
/// numbers as text.
struct PRISM_API Node {
  std::int64_t id = 0;
  std::vector<std::string> labels;
  Map properties;
  std::string element_id;
  bool operator==(const Node&) const = default;
};

struct PRISM_API Relationship {
  std::int64_t id = 0;
  std::int64_t start = 0;  ///< the id of a node
  std::int64_t end = 0;
  std::string type;
  Map properties;
  std::string element_id;
  std::string start_element_id;
  std::string end_element_id;
  bool operator==(const Relationship&) const = default;
};

/// A relationship of a path, which tells its ends.
struct PRISM_API UnboundRelationship {
  std::int64_t id = 0;
  std::string type;
  Map properties;
  std::string element_id;
  bool operator==(const UnboundRelationship&) const = default;
};

/// From nodes[0]; then for each two of `steps` a relationship, counted from 1 and negative where it
/// is gone against its direction, and the index of the node that it leads to.
struct PRISM_API Path {
  std::vector<Node> nodes;
  std::vector<UnboundRelationship> relationships;
  std::vector<std::int64_t> steps;
  bool operator==(const Path&) const = default;
};

struct Date {
  std::int64_t days = 0;  ///< since 1970-01-01
  bool operator==(const Date&) const = default;
};

/// A time of day somewhere.
struct Time {
  std::int64_t nanoseconds = 0;  ///< since midnight there
  std::int64_t offset = 0;       ///< seconds east of UTC
  bool operator==(const Time&) const = default;
};

struct LocalTime {
  std::int64_t nanoseconds = 0;  ///< since midnight
  bool operator==(const LocalTime&) const = default;
};

/// A moment, and how far from UTC it was said.
struct DateTime {
  std::int64_t seconds = 0;  ///< since 1970-01-01T00:00Z
  std::int64_t nanoseconds = 0;
  std::int64_t offset = 0;  ///< seconds east of UTC
  bool operator==(const DateTime&) const = default;
};

/// A moment, and the time zone in which it was said.
struct ZonedDateTime {
  std::int64_t seconds = 0;  ///< since 1970-01-01T00:00Z
  std::int64_t nanoseconds = 0;
  std::string zone;         ///< such as `Europe/Amsterdam`
  bool wall_clock = false;  ///< `seconds` are of the clock there: a Bolt 4.4 server without UTC
  bool operator==(const ZonedDateTime&) const = default;
};

struct LocalDateTime {
  std::int64_t seconds = 0;  ///< since 1970-01-01T00:00, of an unnamed clock
  std::int64_t nanoseconds = 0;
  bool operator==(const LocalDateTime&) const = default;
};

struct Duration {
  std::int64_t months = 0;
  std::int64_t days = 0;
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  bool operator==(const Duration&) const = default;
};

struct Point2D {
  std::int64_t srid = 0;
  double x = 0, y = 0;
  bool operator==(const Point2D&) const = default;
};

struct Point3D {
  std::int64_t srid = 0;
  double x = 0, y = 0, z = 0;
  bool operator==(const Point3D&) const = default;
};

/// Any value that Neo4j knows. The large ones are shared, and never changed.
struct PRISM_API Value {
  template <typename Large>
  using Shared = std::shared_ptr<const Large>;

  std::variant<Null, bool, std::int64_t, double, std::string, Bytes, List, Map, Date, Time,
               LocalTime, DateTime, Shared<ZonedDateTime>, LocalDateTime, Duration, Point2D,
               Point3D, Shared<Node>, Shared<Relationship>, Shared<UnboundRelationship>,
               Shared<Path>>
      data;

  Value();
  Value(bool value);
  Value(int value);
  Value(std::int64_t value);
  Value(double value);
  Value(const char* value);
  Value(std::string_view value);
  Value(std::string value);
  Value(Bytes value);
  Value(List value);
  Value(Map value);
  Value(Date value);
  Value(Time value);
  Value(LocalTime value);
  Value(DateTime value);
  Value(ZonedDateTime value);
  Value(LocalDateTime value);
  Value(Duration value);
  Value(Point2D value);
  Value(Point3D value);
  Value(Node value);
  Value(Relationship value);
  Value(UnboundRelationship value);
  Value(Path value);

  /// What it holds as that type, or null where it is another: `value.get<std::int64_t>()`,
  /// `value.get<Node>()`.
  template <typename Type>
  const Type* get() const;

  bool is_null() const { return std::holds_alternative<Null>(data); }

  /// NaN is not equal to itself.
  bool operator==(const Value& other) const;
};

struct PRISM_API Entry {
  std::string key;
  Value value;
  bool operator==(const Entry&) const = default;
};

inline Value::Value() = default;
inline Value::Value(bool value) : data(value) {}
inline Value::Value(int value) : data(std::int64_t{value}) {}
inline Value::Value(std::int64_t value) : data(value) {}
inline Value::Value(double value) : data(value) {}
inline Value::Value(const char* value) : data(std::string(value)) {}
inline Value::Value(std::string_view value) : data(std::string(value)) {}
inline Value::Value(std::string value) : data(std::move(value)) {}
inline Value::Value(Bytes value) : data(std::move(value)) {}
inline Value::Value(Date value) : data(value) {}
inline Value::Value(Time value) : data(value) {}
inline Value::Value(LocalTime value) : data(value) {}
inline Value::Value(DateTime value) : data(value) {}
inline Value::Value(LocalDateTime value) : data(value) {}
inline Value::Value(Duration value) : data(value) {}
inline Value::Value(Point2D value) : data(value) {}
inline Value::Value(Point3D value) : data(value) {}

template <typename Type>
const Type* Value::get() const {
  if constexpr (std::is_same_v<Type, ZonedDateTime> || std::is_same_v<Type, Node> ||
                std::is_same_v<Type, Relationship> || std::is_same_v<Type, UnboundRelationship> ||
                std::is_same_v<Type, Path>) {
    const auto* const shared = std::get_if<Shared<Type>>(&data);
    return shared == nullptr ? nullptr : shared->get();
  } else {
    return std::get_if<Type>(&data);
  }
}

}  // namespace prism::neo4j
