#include <cmath>
#include <limits>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <prism/drivers/neo4j/packer.hpp>
#include <prism/drivers/neo4j/unpacker.hpp>

#include "support/thrown.hpp"

namespace prism::neo4j {
namespace {

using namespace std::string_literals;

std::string packed(const Value& value) {
  std::string out;
  Packer(out).value(value);
  return out;
}

Value unpacked(std::string_view bytes) {
  Unpacker unpacker(bytes);
  Value value = unpacker.value();
  CHECK(unpacker.at_end());
  return value;
}

/// Its bytes as hexadecimal digits, at most the first six.
std::string begin_of(const std::string& bytes) {
  std::string hex;
  for (const char c : bytes.substr(0, 6))
    hex += fmt::format("{:02X}", static_cast<unsigned char>(c));
  return hex;
}

Node node() {
  return {7, {"Fact", "Old"}, Map{{{"fact_uid", 2'000'000'001}, {"name", "pump"}}}, "4:abc:7"};
}

/// One or more of every type.
std::vector<Value> samples() {
  const UnboundRelationship step{9, "role", Map{{{"a", 1.5}}}, "5:abc:9"};
  return {Value(),
          true,
          false,
          0,
          std::numeric_limits<std::int64_t>::min(),
          -0.0,
          1e300,
          "",
          "Zoë 🚰",
          Bytes{"\0\xFF"s},
          List{},
          List{1, "two", List{3.0, Value()}},
          Map{},
          Map{{{"k", List{1}}, {"", Map{{{"deep", true}}}}}},
          node(),
          Relationship{9, 7, 8, "role", Map{{{"a", 1}}}, "5:abc:9", "4:abc:7", "4:abc:8"},
          step,
          Path{{node(), node()}, {step}, {1, 1}},
          Date{-719'162},
          Time{86'399'999'999'999, -64'800},
          LocalTime{1},
          DateTime{1'700'000'000, 999'999'999, 3600},
          ZonedDateTime{1'700'000'000, 5, "Europe/Amsterdam"},
          ZonedDateTime{1'700'000'000, 5, "Europe/Amsterdam", true},
          LocalDateTime{-1, 0},
          Duration{-1, 2, -3, 4},
          Point2D{4326, 4.9, 52.4},
          Point3D{9157, 1, 2, -3}};
}

struct Encoded {
  std::int64_t number;
  const char* bytes;
};

}  // namespace

TEST_CASE("neo4j: an integer is packed in as few bytes as it needs") {
  const Encoded all[] = {
      {0, "00"},
      {127, "7F"},
      {-1, "FF"},
      {-16, "F0"},
      {-17, "C8EF"},
      {-128, "C880"},
      {128, "C90080"},
      {-129, "C9FF7F"},
      {32'767, "C97FFF"},
      {-32'768, "C98000"},
      {32'768, "CA00008000"},
      {-32'769, "CAFFFF7FFF"},
      {2'147'483'647, "CA7FFFFFFF"},
      {-2'147'483'648LL, "CA80000000"},
      {2'147'483'648LL, "CB0000000080"},
      {-2'147'483'649LL, "CBFFFFFFFF7F"},
      {std::numeric_limits<std::int64_t>::max(), "CB7FFFFFFFFF"},
      {std::numeric_limits<std::int64_t>::min(), "CB8000000000"},
  };
  for (const Encoded& one : all) {
    CAPTURE(one.number);
    CHECK(begin_of(packed(one.number)) == one.bytes);
    CHECK(unpacked(packed(one.number)) == Value(one.number));
  }
}

TEST_CASE("neo4j: integers in more bytes than they need are read as well") {
  CHECK(unpacked("\xC8\x05"s) == Value(5));
  CHECK(unpacked("\xC9\x00\x05"s) == Value(5));
  CHECK(unpacked("\xCA\xFF\xFF\xFF\xFF"s) == Value(-1));
  CHECK(unpacked("\xCB\x00\x00\x00\x00\x00\x00\x00\x05"s) == Value(5));
}

TEST_CASE("neo4j: sizes are packed in as few bytes as they need") {
  struct Sized {
    std::size_t size;
    const char* string;
    const char* bytes;
    const char* list;
    const char* map;
  };
  const Sized all[] = {{0, "80", "CC00", "90", "A0"},
                       {15, "8F", "CC0F", "9F", "AF"},
                       {16, "D010", "CC10", "D410", "D810"},
                       {255, "D0FF", "CCFF", "D4FF", "D8FF"},
                       {256, "D10100", "CD0100", "D50100", "D90100"},
                       {65'535, "D1FFFF", "CDFFFF", "D5FFFF", "D9FFFF"},
                       {65'536, "D200010000", "CE00010000", "D600010000", "DA00010000"}};
  for (const Sized& one : all) {
    CAPTURE(one.size);
    const std::string text(one.size, 'x');
    CHECK(begin_of(packed(text)).starts_with(one.string));
    CHECK(begin_of(packed(Bytes{text})).starts_with(one.bytes));
    CHECK(begin_of(packed(List(one.size))).starts_with(one.list));
    CHECK(unpacked(packed(text)) == Value(text));
    CHECK(unpacked(packed(Bytes{text})) == Value(Bytes{text}));
    CHECK(unpacked(packed(List(one.size))) == Value(List(one.size)));
    Map map;
    for (std::size_t i = 0; i < one.size; ++i) map.entries.push_back({std::to_string(i), true});
    CHECK(begin_of(packed(map)).starts_with(one.map));
    CHECK(unpacked(packed(map)) == Value(map));
  }
}

TEST_CASE("neo4j: every type comes back as it was packed") {
  for (const Value& value : samples()) {
    CAPTURE(value.data.index());
    CHECK(unpacked(packed(value)) == value);
  }
  CHECK(std::isnan(*unpacked(packed(std::nan(""))).get<double>()));
  CHECK(std::signbit(*unpacked(packed(-0.0)).get<double>()));
}

TEST_CASE("neo4j: skip() passes over exactly one value of any type") {
  for (const Value& value : samples()) {
    CAPTURE(value.data.index());
    const std::string bytes = packed(value) + "\x2A";
    Unpacker unpacker(bytes);
    unpacker.skip();
    CHECK(unpacker.offset() == bytes.size() - 1);
    CHECK(unpacker.integer() == 42);
  }
}

TEST_CASE("neo4j: a value that is cut off anywhere is refused") {
  for (const Value& value : samples()) {
    CAPTURE(value.data.index());
    const std::string bytes = packed(value);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CAPTURE(size);
      const std::string_view part = std::string_view(bytes).substr(0, size);
      CHECK(test::thrown_by([&] { Unpacker(part).value(); }).code == ErrorCode::io);
      CHECK(test::thrown_by([&] { Unpacker(part).skip(); }).code == ErrorCode::io);
    }
  }
}

TEST_CASE("neo4j: lengths that can't be true are refused before there is room made for them") {
  for (const std::string& bytes :
       {"\xD2\xFF\xFF\xFF\xFF"s, "\xCE\x7F\xFF\xFF\xFFx"s, "\xD6\xFF\xFF\xFF\xFF\x01"s,
        "\xDA\x80\x00\x00\x00\x81k\x01"s, "\xD5\xFF\xFF\x01\x02"s, "\xB4\x4E\x01"s}) {
    CAPTURE(begin_of(bytes));
    const auto thrown = test::thrown_by([&] { Unpacker(bytes).value(); });
    CHECK(thrown.code == ErrorCode::io);
    CHECK(thrown.says("PackStream at byte "));
    CHECK(test::thrown_by([&] { Unpacker(bytes).skip(); }).code == ErrorCode::io);
  }
}

TEST_CASE("neo4j: nesting ends at 100 levels for values, and not at all for skip()") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '\x91') + "\x01"; };
  CHECK(unpacked(nested(100)).get<List>() != nullptr);
  const std::string deep = nested(1'000'000);
  CHECK(test::thrown_by([&] { Unpacker(deep).value(); }).says("nested too deep"));
  Unpacker(deep).skip();
  std::string maps;
  for (int i = 0; i < 200; ++i) maps += "\xA1\x81k";
  maps += "\x01";
  CHECK(test::thrown_by([&] { Unpacker(maps).value(); }).says("nested too deep"));
}

TEST_CASE("neo4j: what is not expected is named with its place") {
  std::string bytes = "\x01";
  Packer(bytes).string("x");
  Unpacker unpacker(bytes);
  CHECK(unpacker.integer() == 1);
  CHECK(test::thrown_by([&] {
          unpacker.integer();
        }).says("PackStream at byte 1: found a string, expected an integer"));
  CHECK(test::thrown_by([&] { unpacker.date(); }).says("found a string, expected a date"));
  CHECK(unpacker.string() == "x");
  CHECK(test::thrown_by([&] { unpacker.null(); }).says("ends where a value was expected"));
  CHECK(test::thrown_by([] { Unpacker("\xC4").value(); }).says("no value begins with 0xC4"));
  CHECK(test::thrown_by([] { Unpacker("\xB0?").value(); }).says("no structure is known by 0x3F"));
  CHECK(test::thrown_by([] {
          Unpacker(
              "\xB2"
              "D\x01\x01")
              .value();
        }).says("has 2 fields"));
  CHECK(test::thrown_by([] {
          Unpacker(
              "\xB3P\x91\xB1"
              "D\x01\x90\x90")
              .value();
        }).says("a path holds structure 0x44"));
  CHECK(test::thrown_by([] { Unpacker("\xA1\x01\x01").value(); }).says("expected a string"));
}

TEST_CASE("neo4j: a reader takes what it knows, value by value") {
  std::string bytes;
  Packer packer(bytes);
  packer.list(5);
  packer.null();
  packer.boolean(true);
  packer.date({20'000});
  packer.bytes("\x01");
  packer.real(2.5);
  Unpacker unpacker(bytes);
  CHECK(unpacker.type() == Unpacker::Type::list);
  CHECK(unpacker.list() == 5);
  CHECK(unpacker.is_null());
  CHECK(unpacker.take_null());
  CHECK_FALSE(unpacker.take_null());
  CHECK(unpacker.boolean());
  CHECK(unpacker.date().days == 20'000);
  CHECK(unpacker.bytes() == "\x01");
  CHECK(unpacker.real() == 2.5);
  CHECK(unpacker.at_end());
  CHECK(Unpacker("\x05").real() == 5.0);
}

TEST_CASE("neo4j: the forms of Bolt 4.4 are read: ids alone, and times by the clock there") {
  const Value old_node = unpacked(
      "\xB3N\x07\x91\x84"
      "Fact\xA0"s);
  REQUIRE(old_node.get<Node>() != nullptr);
  CHECK(old_node.get<Node>()->element_id == "7");
  const Value old = unpacked("\xB5R\x09\x07\x08\x84role\xA0"s);
  REQUIRE(old.get<Relationship>() != nullptr);
  CHECK(old.get<Relationship>()->start_element_id == "7");
  const Value step = unpacked("\xB3r\x09\x84role\xA0"s);
  REQUIRE(step.get<UnboundRelationship>() != nullptr);
  CHECK(step.get<UnboundRelationship>()->element_id == "9");
  // 01:00 by a clock that is an hour ahead is midnight.
  CHECK(unpacked("\xB3"
                 "F\xC9\x0E\x10\x00\xC9\x0E\x10"s) == Value(DateTime{0, 0, 3600}));
  CHECK(unpacked("\xB3"
                 "f\xC9\x0E\x10\x00\x83"
                 "CET"s) == Value(ZonedDateTime{3600, 0, "CET", true}));
  CHECK(test::thrown_by([] {
          Unpacker(
              "\xB3"
              "F\xCB\x80\x00\x00\x00\x00\x00\x00\x00\x00\x01"s)
              .value();
        }).says("a time that is no time"));
}

TEST_CASE("neo4j: maps are equal in any order, values of different types never") {
  const Map one{{{"a", 1}, {"b", "x"}}};
  const Map other{{{"b", "x"}, {"a", 1}}};
  CHECK(one == other);
  CHECK(one != Map{{{"a", 1}, {"b", "y"}}});
  CHECK(one != Map{{{"a", 1}}});
  REQUIRE(one.find("b") != nullptr);
  CHECK(*one.find("b") == Value("x"));
  CHECK(one.find("c") == nullptr);
  CHECK(Value(1) != Value(1.0));
  CHECK(Value(1) != Value(true));
  CHECK(Value("x") != Value(Bytes{"x"}));
  CHECK(Value(node()) == Value(node()));
  CHECK(Value(node()) != Value(Date{7}));
}

}  // namespace prism::neo4j
