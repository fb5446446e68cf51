#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/json_property.hpp>
#include <prism/drivers/neo4j/structure.hpp>

// From PackStream to JSON.

namespace prism::neo4j {
namespace {

[[noreturn]] void fail_type(const char* what) {
  throw Error(ErrorCode::io, std::string("the server gives a property that is ") + what);
}

/// The shortest text that reads back as the same number, never that of an integer.
void append_real(std::string& json, double number) {
  if (!std::isfinite(number)) {
    const char* const infinity = number > 0 ? "Infinity" : "-Infinity";
    json.append("{\"float\":\"").append(std::isnan(number) ? "NaN" : infinity).append("\"}");
    return;
  }
  std::array<char, 40> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const std::string_view text(digits.data(), end);
  json.append(text);
  if (text.find_first_of(".e") == std::string_view::npos) json.append(".0");
}

void append_base64(std::string& json, std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      json.push_back(k <= group.size() ? kDigits[bits >> (18 - 6 * k) & 0x3F] : '=');
    }
  }
}

/// A structure whose fields were counted.
class StructurePrinter {
 public:
  StructurePrinter(std::string& json, Unpacker& from) : json_(json), from_(from) {}

  void print() {
    const auto [tag, fields] = from_.structure();
    fields_ = fields;
    switch (tag) {
      case tag::kDate:
        return single("date");
      case tag::kLocalTime:
        return single("localtime");
      case tag::kTime:
        return integers("time", 2);
      case tag::kLocalDateTime:
        return integers("localdatetime", 2);
      case tag::kDateTime:
        return integers("datetime", 3);
      case tag::kDuration:
        return integers("duration", 4);
      case tag::kZonedDateTime:
        return zoned();
      case tag::kPoint2D:
        return point(2);
      case tag::kPoint3D:
        return point(3);
      case tag::kWallClock:
      case tag::kWallClockZoned:
        throw Error(ErrorCode::configuration,
                    "the server tells times of a zone by the clock there, which may mean two "
                    "moments",
                    "update it to Neo4j 5, or to the newest 4.4");
      default:
        fail_type("of no known type");
    }
  }

 private:
  void open(const char* name, std::size_t fields) {
    if (fields != fields_) fail_type("of a structure with other fields than it has");
    json_.append("{\"").append(name).append("\":");
  }
  void integer() { append_json_integer(json_, from_.integer()); }
  void single(const char* name) {
    open(name, 1);
    integer();
    json_.push_back('}');
  }
  void integers(const char* name, std::size_t count) {
    open(name, count);
    for (std::size_t i = 0; i < count; ++i) {
      json_.push_back(i == 0 ? '[' : ',');
      integer();
    }
    json_.append("]}");
  }
  void zoned() {
    open("datetime", 3);
    json_.push_back('[');
    integer();
    json_.push_back(',');
    integer();
    json_.push_back(',');
    append_json_string(json_, from_.string());
    json_.append("]}");
  }
  void point(std::size_t dimensions) {
    open("point", dimensions + 1);
    json_.push_back('[');
    integer();
    for (std::size_t i = 0; i < dimensions; ++i) {
      json_.push_back(',');
      append_real(json_, from_.real());
    }
    json_.append("]}");
  }

  std::string& json_;
  Unpacker& from_;
  std::size_t fields_ = 0;
};

void append_list(std::string& json, Unpacker& from) {
  json.push_back('[');
  for (std::size_t left = from.list(); left > 0; --left) {
    if (from.type() == Unpacker::Type::list) fail_type("a list within a list");
    append_property(json, from);
    if (left > 1) json.push_back(',');
  }
  json.push_back(']');
}

}  // namespace

void append_property(std::string& json, Unpacker& from) {
  switch (from.type()) {
    case Unpacker::Type::boolean:
      json.append(from.boolean() ? "true" : "false");
      return;
    case Unpacker::Type::integer:
      return append_json_integer(json, from.integer());
    case Unpacker::Type::real:
      return append_real(json, from.real());
    case Unpacker::Type::string:
      return append_json_string(json, from.string());
    case Unpacker::Type::bytes:
      json.append("{\"bytes\":\"");
      append_base64(json, from.bytes());
      json.append("\"}");
      return;
    case Unpacker::Type::list:
      return append_list(json, from);
    case Unpacker::Type::structure:
      return StructurePrinter(json, from).print();
    case Unpacker::Type::null:
      fail_type("null");
    case Unpacker::Type::map:
      break;
  }
  fail_type("a map");
}

void append_properties(std::string& json, Unpacker& from) {
  bool first = true;
  for (std::size_t left = from.map(); left > 0; --left) {
    if (!std::exchange(first, false)) json.push_back(',');
    append_json_string(json, from.string());
    json.push_back(':');
    append_property(json, from);
  }
}

}  // namespace prism::neo4j
