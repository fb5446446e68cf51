#include "csv_support.hpp"

#include <doctest/doctest.h>

#include "support/memory_source.hpp"
#include "support/thrown.hpp"

namespace prism::sheet::test {
namespace {

char low(char16_t unit) { return static_cast<char>(unit & 0xFF); }
char high(char16_t unit) { return static_cast<char>(unit >> 8); }

}  // namespace

std::unique_ptr<RowReader> csv_rows(std::string content, FieldCount field_count) {
  auto source = std::make_shared<MemorySource>(std::move(content));
  return open_csv(std::move(source), "facts.csv", field_count)->rows(0);
}

std::vector<std::string> csv_lines(std::string content, FieldCount field_count) {
  const auto rows = csv_rows(std::move(content), field_count);
  std::vector<std::string> lines;
  Row row;
  while (rows->next(row)) {
    std::string line = std::to_string(row.index + 1) + ":";
    for (const Cell& cell : row.cells) {
      CHECK(cell.type == CellType::text);
      line += ' ';
      line += static_cast<char>('A' + cell.column);
      line += "=[";
      line += cell.text;
      line += ']';
    }
    lines.push_back(line);
  }
  return lines;
}

std::string csv_damage(const std::string& content) {
  const auto thrown = prism::test::thrown_by([&] { csv_lines(content); });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK(thrown.message.starts_with("facts.csv: "));
  return thrown.message.substr(std::string("facts.csv: ").size());
}

std::string utf16_le(std::u16string_view text) {
  std::string out;
  for (const char16_t unit : text) out += {low(unit), high(unit)};
  return out;
}

std::string utf16_be(std::u16string_view text) {
  std::string out;
  for (const char16_t unit : text) out += {high(unit), low(unit)};
  return out;
}

}  // namespace prism::sheet::test
