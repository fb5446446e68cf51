#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include <prism/drivers/neo4j/graph.hpp>

namespace prism::neo4j {
namespace {

constexpr std::string_view kColumnPrefix = "column_";

std::optional<gellish::ColumnId> column_id_of(std::string_view digits) {
  gellish::ColumnId column = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, column);
  if (error != std::errc() || stop != end || column < 0) return {};
  if (digits != std::to_string(column)) return {};  // a leading zero
  return column;
}

}  // namespace

PropertyType property_type(gellish::ValueKind kind) {
  switch (kind) {
    case gellish::ValueKind::integer:
    case gellish::ValueKind::uid:
      return PropertyType::integer;
    case gellish::ValueKind::date:
      return PropertyType::date;
    case gellish::ValueKind::text:
      break;
  }
  return PropertyType::string;
}

std::string column_property(gellish::ColumnId column) {
  return std::string(kColumnPrefix) + std::to_string(column);
}

std::optional<gellish::ColumnId> column_of_property(std::string_view name) {
  if (!name.starts_with(kColumnPrefix)) return {};
  return column_id_of(name.substr(kColumnPrefix.size()));
}

std::vector<std::pair<gellish::ColumnId, std::string>> unknown_columns(std::string_view extra) {
  std::vector<std::pair<gellish::ColumnId, std::string>> columns;
  if (extra.empty()) return columns;
  const auto json = nlohmann::json::parse(extra);
  for (const auto& [name, value] : json.items()) {
    if (const auto column = column_id_of(name)) columns.emplace_back(*column, value);
  }
  std::sort(columns.begin(), columns.end());
  return columns;
}

}  // namespace prism::neo4j
