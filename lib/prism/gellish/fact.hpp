#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <prism/gellish/property.hpp>
#include <prism/uid/uid.hpp>

namespace prism::gellish {

/// Which properties the rows of a batch have, in this order, and whether a last value holds the
/// unknown columns as a JSON object (`{"62":"N"}`).
struct FactLayout {
  std::vector<Property> properties;
  bool extra = false;

  std::size_t width() const { return properties.size() + (extra ? 1 : 0); }
  bool operator==(const FactLayout&) const = default;
};

/// One value of a fact: nothing, a number (uid, integer) or a text (text, JSON, `YYYY-MM-DD`).
struct Value {
  enum class Type : std::uint8_t { null, number, text };

  Type type = Type::null;
  std::int64_t number = 0;
  std::string_view text;

  bool operator==(const Value&) const = default;
};

/// Facts with permanent UIDs on their way into a store, all of one layout. Owns its texts.
class PRISM_API FactBatch {
 public:
  explicit FactBatch(FactLayout layout) : layout_(std::move(layout)) {}

  const FactLayout& layout() const { return layout_; }
  std::size_t rows() const { return cells_.size() / layout_.width(); }
  std::size_t bytes() const { return texts_.size(); }
  /// All texts, one behind the other.
  std::string_view texts() const { return texts_; }

  /// Values are added row by row, in the order of the layout.
  void add_null() { cells_.push_back({Value::Type::null, 0, 0}); }
  void add_number(std::int64_t number) { cells_.push_back({Value::Type::number, 0, number}); }
  void add_text(std::string_view text);

  Value at(std::size_t row, std::size_t column) const {
    const Cell& cell = cells_[row * layout_.width() + column];
    if (cell.type != Value::Type::text) {
      return {cell.type, cell.type == Value::Type::number ? cell.number_or_offset : 0, {}};
    }
    return {
        cell.type, 0, {texts_.data() + static_cast<std::size_t>(cell.number_or_offset), cell.size}};
  }

  /// Keeps the memory.
  void clear();

 private:
  struct Cell {
    Value::Type type;
    std::uint32_t size;             ///< of a text
    std::int64_t number_or_offset;  ///< the number, or where the text begins
  };

  FactLayout layout_;
  std::vector<Cell> cells_;
  std::string texts_;
};

}  // namespace prism::gellish
