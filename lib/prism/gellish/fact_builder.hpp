#pragma once

#include <array>
#include <vector>

#include <prism/gellish/fact.hpp>
#include <prism/gellish/table.hpp>

namespace prism::gellish {

/// Turns the records of one table into facts: a property from its column, unknown columns into one
/// JSON object, what can't be read as its column's kind into nothing.
class PRISM_API FactBuilder {
 public:
  explicit FactBuilder(const Header& header);

  const FactLayout& layout() const { return layout_; }

  /// Adds the record, whose UIDs are permanent, to a batch of that layout.
  void add(const Record& record, FactBatch& batch) const;

 private:
  /// The fields that fill a property: the second one where the first is blank.
  struct Input {
    int first = -1;
    int second = -1;
    bool number = false;
  };
  void add_extra(const Record& record, FactBatch& batch) const;

  FactLayout layout_;
  std::vector<Input> inputs_;                              ///< of each property of the layout
  std::vector<std::pair<ColumnId, std::size_t>> unknown_;  ///< columns and their fields, by ID
};

}  // namespace prism::gellish
