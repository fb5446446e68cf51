#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/neo4j/json_property.hpp>
#include <prism/drivers/neo4j/packer.hpp>
#include <prism/drivers/neo4j/structure.hpp>

// From JSON to PackStream. What Neo4j takes: neo4j.com/docs/cypher-manual/current/values-and-types

namespace prism::neo4j {
namespace {

/// What a list may hold one of; the coordinate systems of points are kinds of their own.
using Kind = std::int64_t;
constexpr Kind kBoolean = -1, kInteger = -2, kReal = -3, kString = -4, kBytes = -5, kDate = -6,
               kLocalTime = -7, kTime = -8, kLocalDateTime = -9, kDateTime = -10, kDuration = -11;

constexpr std::int64_t kNanoseconds = 1'000'000'000;
constexpr std::int64_t kNanosecondsOfDay = 86'400 * kNanoseconds;
constexpr std::int64_t kFarthestOffset = 18 * 3600;
/// Of the years -999999999 to 999999999.
constexpr std::int64_t kFirstDay = -365'243'219'162, kLastDay = 365'241'780'471;

struct CoordinateSystem {
  std::int64_t srid;
  std::size_t dimensions;
  bool geographic;
};
constexpr std::array kCoordinateSystems{
    CoordinateSystem{4326, 2, true},
    CoordinateSystem{4979, 3, true},
    CoordinateSystem{7203, 2, false},
    CoordinateSystem{9157, 3, false},
};

class PropertyParser {
 public:
  PropertyParser(std::string& packed, JsonLine& json) : out_(packed), packer_(packed), in_(json) {}

  void value() {
    if (in_.take("[")) {
      list();
    } else {
      scalar();
    }
  }

 private:
  Kind scalar();
  void list();
  Kind number();
  Kind tagged();
  std::int64_t between(std::int64_t least, std::int64_t most);
  void pack_integers(std::uint8_t tag, std::initializer_list<std::int64_t> fields);
  double real(std::string_view digits) const;
  double special_real();
  void bytes();
  void time();
  void local_date_time();
  void date_time();
  void duration();
  Kind point();

  std::string& out_;
  Packer packer_;
  JsonLine& in_;
};

Kind PropertyParser::scalar() {
  switch (in_.peek()) {
    case '"':
      packer_.string(in_.string());
      return kString;
    case 't':
    case 'f':
      packer_.boolean(in_.boolean());
      return kBoolean;
    case '{':
      return tagged();
    default:
      return number();
  }
}

/// Packed behind its header, which is put before it once the values are counted.
void PropertyParser::list() {
  const std::size_t begin = out_.size();
  std::size_t size = 0;
  Kind kind = 0;
  while (!in_.take("]")) {
    if (size > 0) in_.expect(",");
    const Kind next = scalar();
    if (next == kBytes) in_.fail("a list of bytes, which Neo4j doesn't store");
    if (size++ > 0 && next != kind) in_.fail("a list of more than one type");
    kind = next;
  }
  std::string header;
  Packer(header).list(size);
  out_.insert(begin, header);
}

Kind PropertyParser::number() {
  const std::string_view digits = in_.number();
  if (digits.find_first_of(".eE") != std::string_view::npos) {
    packer_.real(real(digits));
    return kReal;
  }
  std::int64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end) in_.fail("no integer of 64 bits: " + in_quotes(digits));
  packer_.integer(value);
  return kInteger;
}

double PropertyParser::real(std::string_view digits) const {
  double value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error == std::errc() && stop == end) return value;
  in_.fail("no number of 64 bits: " + in_quotes(digits));
}

double PropertyParser::special_real() {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::string_view name = in_.string();
  if (name == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (name == "Infinity") return kInfinity;
  if (name == "-Infinity") return -kInfinity;
  in_.fail("no number: " + in_quotes(name));
}

Kind PropertyParser::tagged() {
  Kind kind = 0;
  if (in_.take("{\"date\":")) {
    pack_integers(tag::kDate, {between(kFirstDay, kLastDay)});
    kind = kDate;
  } else if (in_.take("{\"float\":")) {
    packer_.real(special_real());
    kind = kReal;
  } else if (in_.take("{\"bytes\":")) {
    bytes();
    kind = kBytes;
  } else if (in_.take("{\"localtime\":")) {
    pack_integers(tag::kLocalTime, {between(0, kNanosecondsOfDay - 1)});
    kind = kLocalTime;
  } else if (in_.take("{\"time\":[")) {
    time();
    kind = kTime;
  } else if (in_.take("{\"localdatetime\":[")) {
    local_date_time();
    kind = kLocalDateTime;
  } else if (in_.take("{\"datetime\":[")) {
    date_time();
    kind = kDateTime;
  } else if (in_.take("{\"duration\":[")) {
    duration();
    kind = kDuration;
  } else if (in_.take("{\"point\":[")) {
    kind = point();
  } else {
    in_.fail_expected("a value of a property");
  }
  in_.expect("}");
  return kind;
}

std::int64_t PropertyParser::between(std::int64_t least, std::int64_t most) {
  const std::int64_t value = in_.integer();
  if (value < least || value > most) {
    in_.fail("found " + std::to_string(value) + ", expected " + std::to_string(least) + " to " +
             std::to_string(most));
  }
  return value;
}

void PropertyParser::pack_integers(std::uint8_t tag, std::initializer_list<std::int64_t> fields) {
  packer_.structure(tag, fields.size());
  for (const std::int64_t field : fields) packer_.integer(field);
}

int sextet(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

void PropertyParser::bytes() {
  std::string_view text = in_.string();
  if (text.size() % 4 != 0) in_.fail("Base64 of no whole groups");
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  std::string bytes;
  bytes.reserve(text.size());
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int six = sextet(c);
    if (six < 0) in_.fail("no Base64");
    bits = (bits << 6 | static_cast<std::uint32_t>(six)) & 0xFFFF;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<char>(bits >> held));
  }
  if ((bits & ((1U << held) - 1)) != 0) in_.fail("Base64 with bits left over");
  packer_.bytes(bytes);
}

void PropertyParser::time() {
  const std::int64_t nanoseconds = between(0, kNanosecondsOfDay - 1);
  in_.expect(",");
  pack_integers(tag::kTime, {nanoseconds, between(-kFarthestOffset, kFarthestOffset)});
  in_.expect("]");
}

void PropertyParser::local_date_time() {
  const std::int64_t seconds = between(kFirstDay * 86'400, kLastDay * 86'400 + 86'399);
  in_.expect(",");
  pack_integers(tag::kLocalDateTime, {seconds, between(0, kNanoseconds - 1)});
  in_.expect("]");
}

void PropertyParser::date_time() {
  const std::int64_t seconds = between(kFirstDay * 86'400, kLastDay * 86'400 + 86'399);
  in_.expect(",");
  const std::int64_t nanoseconds = between(0, kNanoseconds - 1);
  in_.expect(",");
  if (in_.peek() == '"') {
    const std::string_view zone = in_.string();
    if (zone.empty()) in_.fail("a time zone without a name");
    packer_.structure(tag::kZonedDateTime, 3);
    packer_.integer(seconds);
    packer_.integer(nanoseconds);
    packer_.string(zone);
  } else {
    pack_integers(tag::kDateTime,
                  {seconds, nanoseconds, between(-kFarthestOffset, kFarthestOffset)});
  }
  in_.expect("]");
}

void PropertyParser::duration() {
  std::array<std::int64_t, 4> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) in_.expect(",");
    parts[i] = in_.integer();
  }
  pack_integers(tag::kDuration, {parts[0], parts[1], parts[2], parts[3]});
  in_.expect("]");
}

Kind PropertyParser::point() {
  const std::int64_t srid = in_.integer();
  const auto* const system =
      std::find_if(kCoordinateSystems.begin(), kCoordinateSystems.end(),
                   [&](const CoordinateSystem& one) { return one.srid == srid; });
  if (system == kCoordinateSystems.end()) {
    in_.fail("no coordinate system of Neo4j: " + std::to_string(srid));
  }
  packer_.structure(system->dimensions == 2 ? tag::kPoint2D : tag::kPoint3D,
                    system->dimensions + 1);
  packer_.integer(srid);
  for (std::size_t i = 0; i < system->dimensions; ++i) {
    in_.expect(",");
    const double value = real(in_.number());
    if (system->geographic && i == 1 && std::abs(value) > 90) in_.fail("no latitude");
    packer_.real(value);
  }
  in_.expect("]");
  return srid;
}

/// A key stands for itself by its hash, of which two alike are not to be expected.
void require_different(std::vector<std::size_t>& hashes, const JsonLine& json) {
  std::sort(hashes.begin(), hashes.end());
  if (std::adjacent_find(hashes.begin(), hashes.end()) != hashes.end()) {
    json.fail("a name of a property that comes twice");
  }
}

}  // namespace

void pack_property(std::string& packed, JsonLine& json) { PropertyParser(packed, json).value(); }

std::size_t pack_properties(std::string& packed, JsonLine& json) {
  json.expect("{");
  std::vector<std::size_t> hashes;
  PropertyParser parser(packed, json);
  Packer packer(packed);
  while (!json.take("}")) {
    if (!hashes.empty()) json.expect(",");
    const std::string_view key = json.string();
    if (key.empty() || key.find('\0') != std::string_view::npos) {
      json.fail("a property without a name");
    }
    hashes.push_back(std::hash<std::string_view>()(key));
    packer.string(key);
    json.expect(":");
    parser.value();
  }
  require_different(hashes, json);
  return hashes.size();
}

}  // namespace prism::neo4j
