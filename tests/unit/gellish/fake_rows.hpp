#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <prism/gellish/table.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::gellish::test {

/// What a cell of a FakeRows holds; a blank text makes no cell.
struct Content {
  Content(const char* words) : text(words) {}             // NOLINT: rows read as tables
  Content(std::string words) : text(std::move(words)) {}  // NOLINT
  Content(sheet::CellType of, double value, std::string words = {})
      : type(of), number(value), text(std::move(words)) {}

  bool blank() const { return type == sheet::CellType::text && text.empty(); }

  sheet::CellType type = sheet::CellType::text;
  double number = 0;
  std::string text;
};

inline Content number(double value) { return {sheet::CellType::number, value}; }
inline Content boolean(bool value) { return {sheet::CellType::boolean, value ? 1.0 : 0.0}; }
inline Content cell_error(std::string shown) {
  return {sheet::CellType::error, 0, std::move(shown)};
}
inline Content date(double days) { return {sheet::CellType::date, days}; }
inline Content date_time(double days) { return {sheet::CellType::date_time, days}; }
inline Content time_of_day(double days) { return {sheet::CellType::time, days}; }
inline Content duration(double days) { return {sheet::CellType::duration, days}; }

/// A sheet in memory. As a real reader does, it skips empty rows and takes every row's texts away
/// when the next one is asked for.
class FakeRows : public sheet::RowReader {
 public:
  using Line = std::vector<Content>;

  FakeRows(std::initializer_list<Line> rows) : rows_(rows) {}

  void add(Line row) { rows_.push_back(std::move(row)); }

  bool next(sheet::Row& row) override {
    for (std::string& text : texts_) text.assign(text.size(), '?');
    cells_.clear();
    while (cells_.empty() && at_ < rows_.size()) take(rows_[at_++]);
    if (cells_.empty()) return false;
    row = {static_cast<std::uint32_t>(at_ - 1), cells_};
    return true;
  }

 private:
  void take(const Line& line) {
    texts_.assign(line.size(), "");
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i].blank()) continue;
      texts_[i] = line[i].text;
      cells_.push_back({static_cast<std::uint32_t>(i), line[i].type, line[i].number, texts_[i]});
    }
  }

  std::vector<Line> rows_;
  std::size_t at_ = 0;
  std::vector<std::string> texts_;
  std::vector<sheet::Cell> cells_;
};

/// A worksheet with a title, these column IDs, captions, and rows that are added.
inline FakeRows worksheet(FakeRows::Line ids) {
  FakeRows rows{{"Gellish table", "Version 1"}, ids};
  for (Content& id : ids) id = id.blank() ? Content("") : Content("caption");
  rows.add(std::move(ids));
  return rows;
}

/// Keeps all issues.
class KeptIssues : public IssueSink {
 public:
  void warning(const Issue& issue) override { warnings.push_back(issue); }
  void reject(const Issue& issue) override { rejects.push_back(issue); }

  std::vector<Issue> warnings, rejects;
};

}  // namespace prism::gellish::test
