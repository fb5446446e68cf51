#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>
#include <prism/drivers/neo4j/value.hpp>

namespace prism::neo4j {

/// Reads PackStream that nobody has checked: of a message, or of what else a packer wrote. Each
/// call takes one value or header. Throws Error(io) that says what was found, what was expected and
/// at which byte; after that nothing more can be read. Views are of the bytes that it was given.
class PRISM_API Unpacker {
 public:
  enum class Type : std::uint8_t {
    null,
    boolean,
    integer,
    real,
    string,
    bytes,
    list,
    map,
    structure,
  };

  struct Structure {
    std::uint8_t tag = 0;
    std::size_t fields = 0;
  };

  explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}

  bool at_end() const { return at_ == bytes_.size(); }
  /// Of the next value.
  Type type() const;
  bool is_null() const { return type() == Type::null; }

  /// Takes a null that comes next; false: something else does, and is not taken.
  bool take_null();
  void null();
  bool boolean();
  std::int64_t integer();
  /// An integer too.
  double real();
  std::string_view string();
  std::string_view bytes();
  /// How many values follow; never more than there are bytes left.
  std::size_t list();
  /// How many pairs of key and value follow; never more than there are bytes left for.
  std::size_t map();
  Structure structure();
  Date date();

  /// Passes over one value, whatever it holds.
  void skip();
  /// One value with all it holds, nested at most 100 deep.
  Value value();
  Map map_value();

  /// The bytes that were read are `bytes.substr(0, offset())`.
  std::size_t offset() const { return at_; }

 private:
  [[noreturn]] void fail(const std::string& what) const;
  [[noreturn]] void expected(const char* what) const;
  std::uint8_t peek() const;
  std::uint64_t number(std::size_t width);
  std::string_view take(std::uint64_t size);
  /// The size behind a marker: in its low bits if it is `tiny`, else in 1, 2 or 4 bytes.
  std::uint64_t size_of(std::uint8_t marker, std::uint8_t first_wide);
  std::size_t count(std::uint64_t count, std::size_t least_bytes_each);
  std::size_t skip_one();

  Value any(unsigned depth);
  Map any_map(unsigned depth);
  List any_list(unsigned depth);
  Value any_structure(unsigned depth);

  friend class StructureReader;

  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace prism::neo4j
