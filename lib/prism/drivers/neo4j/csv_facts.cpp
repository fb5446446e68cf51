#include <fmt/format.h>

#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/csv_facts.hpp>
#include <prism/drivers/neo4j/fact_properties.hpp>

namespace prism::neo4j {
namespace {

constexpr std::size_t kObjects = 2;  ///< columns before those of properties

}  // namespace

void CsvFacts::add(std::string& out, const PlannedFact& fact) {
  for (std::string& cell : cells_) cell.clear();
  Unpacker properties(fact.properties);
  for (std::size_t left = properties.map(); left > 0; --left) put_property(properties);
  fmt::format_to(std::back_inserter(out), "{},{}", fact.left, fact.right);
  for (const std::string& cell : cells_) (out += ',') += cell;
  out += '\n';
}

void CsvFacts::put_property(Unpacker& properties) {
  const std::string_view name = properties.string();
  switch (properties.type()) {
    case Unpacker::Type::integer:
      cell(name, Type::integer) = std::to_string(properties.integer());
      break;
    case Unpacker::Type::structure:
      cell(name, Type::date) = iso_text(properties.date());
      break;
    default:
      put_text(cell(name, Type::string), properties.string());
  }
}

std::string& CsvFacts::cell(std::string_view name, Type type) {
  auto found = columns_.find(name);
  if (found == columns_.end()) found = columns_.emplace(name, std::map<Type, std::size_t>()).first;
  const auto [column, is_new] = found->second.emplace(type, cells_.size());
  if (is_new) cells_.emplace_back();
  return cells_[column->second];
}

void CsvFacts::put_text(std::string& cell, std::string_view text) const {
  cell += '"';
  for (const char c : text) {
    if (c == '"' || (c == '\\' && backslash_escapes_)) cell += c;
    cell += c;
  }
  cell += '"';
}

std::string CsvFacts::properties() const {
  constexpr std::array kReaders{"toInteger(line[{}])", "date(line[{}])", "line[{}]"};
  std::string map;
  for (const auto& [name, columns] : columns_) {
    std::string values;
    for (const auto& [type, column] : columns) {
      values += values.empty() ? "" : ", ";
      values +=
          fmt::format(fmt::runtime(kReaders[static_cast<std::size_t>(type)]), kObjects + column);
    }
    if (columns.size() > 1) values = "coalesce(" + values + ")";
    map += fmt::format("{}{}: {}", map.empty() ? "" : ", ", name, values);
  }
  return "{" + map + "}";
}

}  // namespace prism::neo4j
