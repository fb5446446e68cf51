#include <algorithm>
#include <charconv>
#include <chrono>

#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/neo4j/fact_properties.hpp>
#include <prism/drivers/neo4j/graph.hpp>
#include <prism/drivers/neo4j/packer.hpp>

namespace prism::neo4j {
namespace {

using gellish::Property;
using Cell = gellish::Value;

int number_of(std::string_view digits) {
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

Date date_of(std::string_view iso) {
  const std::chrono::year_month_day date{std::chrono::year(number_of(iso.substr(0, 4))),
                                         std::chrono::month(number_of(iso.substr(5, 2))),
                                         std::chrono::day(number_of(iso.substr(8, 2)))};
  return {std::chrono::sys_days(date).time_since_epoch().count()};
}

void pack_value(Packer& packer, const Cell& value, gellish::ValueKind kind) {
  if (value.type == Cell::Type::number) {
    packer.integer(value.number);
  } else if (property_type(kind) == PropertyType::date && is_iso_date(value.text)) {
    packer.date(date_of(value.text));
  } else {
    packer.string(value.text);
  }
}

}  // namespace

FactProperties::FactProperties(gellish::FactLayout layout)
    : layout_(std::move(layout)),
      fact_(column_of(Property::fact_uid)),
      left_(column_of(Property::lh_object_uid)),
      right_(column_of(Property::rh_object_uid)) {}

std::size_t FactProperties::column_of(Property property) const {
  const auto& all = layout_.properties;
  return static_cast<std::size_t>(std::find(all.begin(), all.end(), property) - all.begin());
}

void FactProperties::pack(std::string& out, const gellish::FactBatch& batch,
                          std::size_t row) const {
  const std::size_t known = layout_.properties.size();
  const Cell extra = layout_.extra ? batch.at(row, known) : Cell();
  const auto unknown = unknown_columns(extra.text);
  std::size_t count = unknown.size();
  for (std::size_t i = 0; i < known; ++i) count += batch.at(row, i).type != Cell::Type::null;
  Packer packer(out);
  packer.map(count);
  for (std::size_t i = 0; i < known; ++i) {
    const Cell value = batch.at(row, i);
    if (value.type == Cell::Type::null) continue;
    const auto& property = gellish::info(layout_.properties[i]);
    packer.string(property.name);
    pack_value(packer, value, property.kind);
  }
  for (const auto& [column, text] : unknown) {
    packer.string(column_property(column));
    packer.string(text);
  }
}

bool FactProperties::covers(const std::string& name) const {
  if (column_of_property(name)) return layout_.extra;
  return std::any_of(layout_.properties.begin(), layout_.properties.end(),
                     [&](Property property) { return gellish::info(property).name == name; });
}

std::string FactProperties::difference(const Map& stored, const Map& input) const {
  for (const auto& [name, value] : input.entries) {
    const auto* const before = stored.find(name);
    if (before == nullptr || *before != value) return name;
  }
  for (const auto& [name, value] : stored.entries) {
    if (input.find(name) == nullptr && covers(name)) return name;
  }
  return {};
}

Map FactProperties::merged(const Map& stored, const Map& input) const {
  Map merged = input;
  for (const auto& entry : stored.entries) {
    if (!covers(entry.key)) merged.entries.push_back(entry);
  }
  return merged;
}

std::string iso_text(Date date) {
  std::string text;
  append_iso_date(text, std::chrono::sys_days(std::chrono::days(date.days)));
  return text;
}

std::string shown(const neo4j::Value* value) {
  if (value == nullptr) return "nothing";
  if (const auto* number = value->get<std::int64_t>()) return in_quotes(std::to_string(*number));
  if (const auto* text = value->get<std::string>()) return in_quotes(*text);
  if (const auto* date = value->get<Date>()) return in_quotes(iso_text(*date));
  return "a value of another type";
}

}  // namespace prism::neo4j
