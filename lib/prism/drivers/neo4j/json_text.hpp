#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::neo4j {

/// Appends a string in its quotes; UTF-8 stays as it is (RFC 8259).
PRISM_API void append_json_string(std::string& out, std::string_view text);
PRISM_API void append_json_integer(std::string& out, std::int64_t number);

/// Reads the JSON of one line from its begin to its end, in just the order and form that is asked
/// for: there is no white space, and the names of an object come in their order. Throws
/// Error(bad_data) that names the line and the byte.
class PRISM_API JsonLine {
 public:
  /// `number` of the line, from 1. The text must outlive it.
  JsonLine(std::string_view text, std::uint64_t number) : text_(text), number_(number) {}

  /// Takes that text if it comes next.
  bool take(std::string_view text);
  void expect(std::string_view text);
  void expect_end();
  /// The next byte; 0 at the end.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  /// Good until the next one is read.
  std::string_view string();
  /// The characters of a number, whatever they say.
  std::string_view number();
  std::int64_t integer();
  /// Not below 0.
  std::int64_t count();
  bool boolean();

  /// `expected` says what should stand where reading has come to, or `what` is wrong there.
  [[noreturn]] void fail_expected(std::string_view expected) const;
  [[noreturn]] void fail(const std::string& what) const;

 private:
  void unescape();
  std::uint32_t hexadecimal();
  void append_code_point(std::uint32_t code);

  std::string_view text_;
  std::uint64_t number_;
  std::size_t at_ = 0;
  std::string unescaped_;
};

}  // namespace prism::neo4j
