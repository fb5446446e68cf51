#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>
#include <prism/drivers/neo4j/value.hpp>

namespace prism::neo4j {

/// Appends PackStream to a string, each value in its smallest form. After `list(n)` come n values,
/// after `map(n)` n times a key by string() and a value, after `structure(tag, n)` n values. Throws
/// Error(bad_data) for what is longer than PackStream can say (2^31 - 1).
class PRISM_API Packer {
 public:
  /// `out` must outlive it.
  explicit Packer(std::string& out) : out_(out) {}

  void null() { out_.push_back('\xC0'); }
  void boolean(bool value) { out_.push_back(value ? '\xC3' : '\xC2'); }
  void integer(std::int64_t value);
  void real(double value);
  /// UTF-8, which is not looked at.
  void string(std::string_view value);
  void bytes(std::string_view value);
  void list(std::size_t size);
  void map(std::size_t size);
  /// At most 15 fields.
  void structure(std::uint8_t tag, std::size_t fields);
  void date(Date value);
  /// Any value; graph types too, which no server takes. Bolt 5's forms (UTC).
  void value(const Value& value);

 private:
  std::string& out_;
};

}  // namespace prism::neo4j
