#pragma once

#include <cstdint>
#include <string>

#include <prism/gellish/property.hpp>

namespace prism::gellish {

/// Where rows come from, as messages name it.
struct Source {
  std::string file;   ///< its name without the folder
  std::string sheet;  ///< empty for CSV
};

/// Something about a row that the operator should know: a warning, or why the row was rejected.
struct Issue {
  Source source;
  std::uint32_t row = 0;       ///< from 1, as the sheet counts
  std::uint32_t position = 0;  ///< of the column in the sheet, from 0
  ColumnId column = 0;
  std::string value;
  std::string reason;
};

/// `sample.xls: sheet 'Facts', cell C7 (column 2): reason: 'value'`
PRISM_API std::string describe(const Issue& issue);

/// Told of every issue as it is met.
class IssueSink {
 public:
  virtual ~IssueSink() = default;
  virtual void warning(const Issue& issue) = 0;
  virtual void reject(const Issue& issue) = 0;
};

/// For rows whose issues were told before.
class NoIssues : public IssueSink {
 public:
  void warning(const Issue&) override {}
  void reject(const Issue&) override {}
};

}  // namespace prism::gellish
