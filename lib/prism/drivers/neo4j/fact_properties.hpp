#pragma once

#include <string>

#include <prism/drivers/neo4j/value.hpp>
#include <prism/gellish/fact.hpp>

namespace prism::neo4j {

/// Makes the properties of a node of facts: those of the layout that have a value, and the unknown
/// columns as `column_62`. Integers, Date, else strings (DESIGN section 5).
class FactProperties {
 public:
  explicit FactProperties(gellish::FactLayout layout);

  const gellish::FactLayout& layout() const { return layout_; }

  Uid fact(const gellish::FactBatch& batch, std::size_t row) const {
    return uid(batch, row, fact_);
  }
  Uid left(const gellish::FactBatch& batch, std::size_t row) const {
    return uid(batch, row, left_);
  }
  Uid right(const gellish::FactBatch& batch, std::size_t row) const {
    return uid(batch, row, right_);
  }

  /// Appends a packed map.
  void pack(std::string& out, const gellish::FactBatch& batch, std::size_t row) const;

  /// The name of a property of the layout that has another value in `input` than in `stored`; empty
  /// where there is none. Properties that the layout has no place for are left alone.
  std::string difference(const Map& stored, const Map& input) const;

  /// `stored` after an update by `input`.
  Map merged(const Map& stored, const Map& input) const;

 private:
  static Uid uid(const gellish::FactBatch& batch, std::size_t row, std::size_t column) {
    return batch.at(row, column).number;
  }
  std::size_t column_of(gellish::Property property) const;
  /// Whether the layout has a place for the property of that name.
  bool covers(const std::string& name) const;

  gellish::FactLayout layout_;
  std::size_t fact_, left_, right_;
};

/// `2026-11-21`
std::string iso_text(Date date);

/// A value for people; `nothing` for none.
std::string shown(const Value* value);

}  // namespace prism::neo4j
