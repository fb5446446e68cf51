#include <bit>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/structure.hpp>
#include <prism/drivers/neo4j/unpacker.hpp>

namespace prism::neo4j {
namespace {

using Type = Unpacker::Type;

const char* name_of(Type type) {
  switch (type) {
    case Type::null:
      return "null";
    case Type::boolean:
      return "a boolean";
    case Type::integer:
      return "an integer";
    case Type::real:
      return "a float";
    case Type::string:
      return "a string";
    case Type::bytes:
      return "bytes";
    case Type::list:
      return "a list";
    case Type::map:
      return "a map";
    case Type::structure:
      break;
  }
  return "a structure";
}

Type type_of_tiny(std::uint8_t marker) {
  switch (marker >> 4) {
    case 0x8:
      return Type::string;
    case 0x9:
      return Type::list;
    case 0xA:
      return Type::map;
    case 0xB:
      return Type::structure;
    default:
      return Type::integer;
  }
}

/// The low bytes of a number as a signed one of that width.
std::int64_t with_sign(std::uint64_t number, std::size_t width) {
  const std::size_t unused = 64 - 8 * width;
  return static_cast<std::int64_t>(number << unused) >> unused;
}

}  // namespace

Type Unpacker::type() const {
  const std::uint8_t marker = peek();
  if (marker < 0xC0 || marker >= 0xF0) return type_of_tiny(marker);
  switch (marker) {
    case 0xC0:
      return Type::null;
    case 0xC1:
      return Type::real;
    case 0xC2:
    case 0xC3:
      return Type::boolean;
    case 0xC8:
    case 0xC9:
    case 0xCA:
    case 0xCB:
      return Type::integer;
    case 0xCC:
    case 0xCD:
    case 0xCE:
      return Type::bytes;
    case 0xD0:
    case 0xD1:
    case 0xD2:
      return Type::string;
    case 0xD4:
    case 0xD5:
    case 0xD6:
      return Type::list;
    case 0xD8:
    case 0xD9:
    case 0xDA:
      return Type::map;
    default:
      fail(fmt::format("no value begins with 0x{:02X}", marker));
  }
}

bool Unpacker::take_null() {
  if (peek() != 0xC0) return false;
  ++at_;
  return true;
}

void Unpacker::null() {
  if (!take_null()) expected("null");
}

bool Unpacker::boolean() {
  if (type() != Type::boolean) expected("a boolean");
  return number(1) == 0xC3;
}

std::int64_t Unpacker::integer() {
  if (type() != Type::integer) expected("an integer");
  const std::uint64_t marker = number(1);
  if (marker < 0x80 || marker >= 0xF0) return with_sign(marker, 1);
  const std::size_t width = std::size_t{1} << (marker - 0xC8);
  return with_sign(number(width), width);
}

double Unpacker::real() {
  const Type found = type();
  if (found == Type::integer) return static_cast<double>(integer());
  if (found != Type::real) expected("a float");
  ++at_;
  return std::bit_cast<double>(number(8));
}

std::string_view Unpacker::string() {
  if (type() != Type::string) expected("a string");
  return take(size_of(peek(), 0xD0));
}

std::string_view Unpacker::bytes() {
  if (type() != Type::bytes) expected("bytes");
  return take(size_of(peek(), 0xCC));
}

std::size_t Unpacker::list() {
  if (type() != Type::list) expected("a list");
  return count(size_of(peek(), 0xD4), 1);
}

std::size_t Unpacker::map() {
  if (type() != Type::map) expected("a map");
  return count(size_of(peek(), 0xD8), 2);
}

Unpacker::Structure Unpacker::structure() {
  if (type() != Type::structure) expected("a structure");
  const std::uint64_t marker = number(1);
  const auto tag = static_cast<std::uint8_t>(number(1));
  return {tag, count(marker & 0x0F, 1)};
}

Date Unpacker::date() {
  if (type() != Type::structure) expected("a date");
  const std::size_t begin = at_;
  const Structure found = structure();
  if (found.tag != tag::kDate || found.fields != 1) {
    at_ = begin;
    expected("a date");
  }
  return {integer()};
}

void Unpacker::skip() {
  for (std::size_t left = 1; left > 0; --left) left += skip_one();
}

/// Returns how many values are behind what it passed over, as parts of it.
std::size_t Unpacker::skip_one() {
  switch (type()) {
    case Type::null:
    case Type::boolean:
      ++at_;
      return 0;
    case Type::integer:
      integer();
      return 0;
    case Type::real:
      real();
      return 0;
    case Type::string:
      string();
      return 0;
    case Type::bytes:
      bytes();
      return 0;
    case Type::list:
      return list();
    case Type::map:
      return 2 * map();
    case Type::structure:
      break;
  }
  return structure().fields;
}

void Unpacker::fail(const std::string& what) const {
  throw Error(ErrorCode::io, fmt::format("PackStream at byte {}: {}", at_, what));
}

void Unpacker::expected(const char* what) const {
  fail(fmt::format("found {}, expected {}", name_of(type()), what));
}

std::uint8_t Unpacker::peek() const {
  if (at_end()) fail("it ends where a value was expected");
  return static_cast<std::uint8_t>(bytes_[at_]);
}

std::uint64_t Unpacker::number(std::size_t width) {
  std::uint64_t number = 0;
  for (const char c : take(width)) number = number << 8 | static_cast<std::uint8_t>(c);
  return number;
}

std::string_view Unpacker::take(std::uint64_t size) {
  const std::size_t left = bytes_.size() - at_;
  if (size > left) fail(fmt::format("{} bytes were expected, but it ends after {}", size, left));
  const std::string_view taken = bytes_.substr(at_, size);
  at_ += size;
  return taken;
}

std::uint64_t Unpacker::size_of(std::uint8_t marker, std::uint8_t first_wide) {
  ++at_;
  if (marker < 0xC0) return marker & 0x0F;
  return number(std::size_t{1} << (marker - first_wide));
}

/// Refuses to believe in more parts than there are bytes for.
std::size_t Unpacker::count(std::uint64_t count, std::size_t least_bytes_each) {
  const std::size_t left = bytes_.size() - at_;
  if (count > left / least_bytes_each) {
    fail(fmt::format("{} parts were announced, but only {} bytes are left", count, left));
  }
  return count;
}

}  // namespace prism::neo4j
