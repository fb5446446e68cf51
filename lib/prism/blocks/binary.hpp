#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace prism::blocks {

/// Appends `bytes` bytes of a number, the lowest first.
void append_number(std::string& out, std::uint64_t number, std::size_t bytes);
/// Appends seven bits a byte, the lowest first, as long as there are any (LEB128).
void append_varint(std::string& out, std::uint64_t number);
/// `hex` has two digits for each byte.
void append_hex(std::string& out, std::string_view hex);

/// Reads what those have written. Throws Error(bad_data) that names `what` at a premature end.
class BinaryReader {
 public:
  BinaryReader(std::string_view bytes, const char* what) : rest_(bytes), what_(what) {}

  std::string_view take(std::size_t bytes);
  std::uint64_t number(std::size_t bytes);
  std::uint64_t varint();
  std::size_t left() const { return rest_.size(); }
  [[noreturn]] void fail(const char* why) const;

 private:
  std::string_view rest_;
  const char* what_;
};

}  // namespace prism::blocks
