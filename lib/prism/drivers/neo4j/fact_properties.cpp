#include <algorithm>
#include <charconv>
#include <chrono>

#include <nlohmann/json.hpp>

#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/neo4j/fact_properties.hpp>
#include <prism/drivers/neo4j/packer.hpp>

namespace prism::neo4j {
namespace {

using gellish::Property;
using gellish::Value;
using Json = nlohmann::json;

/// What begins the name of an unknown column's property; its number comes next.
constexpr std::string_view kUnknownColumn = "column_";

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

void pack_value(Packer& packer, const Value& value, gellish::ValueKind kind) {
  if (value.type == Value::Type::number) {
    packer.integer(value.number);
  } else if (kind == gellish::ValueKind::date && is_iso_date(value.text)) {
    packer.date(date_of(value.text));
  } else {
    packer.string(value.text);
  }
}

Json unknown_columns(const Value& value) {
  return value.type == Value::Type::text ? Json::parse(value.text) : Json::object();
}

bool is_unknown_column(std::string_view name) { return name.starts_with(kUnknownColumn); }

std::string iso_of(Date date) {
  std::string text;
  append_iso_date(text, std::chrono::sys_days(std::chrono::days(date.days)));
  return text;
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
  const Json unknown = layout_.extra ? unknown_columns(batch.at(row, known)) : Json::object();
  std::size_t count = unknown.size();
  for (std::size_t i = 0; i < known; ++i) count += batch.at(row, i).type != Value::Type::null;
  Packer packer(out);
  packer.map(count);
  for (std::size_t i = 0; i < known; ++i) {
    const Value value = batch.at(row, i);
    if (value.type == Value::Type::null) continue;
    const auto& property = gellish::info(layout_.properties[i]);
    packer.string(property.name);
    pack_value(packer, value, property.kind);
  }
  for (const auto& [column, text] : unknown.items()) {
    packer.string(std::string(kUnknownColumn) + column);
    packer.string(text.get_ref<const std::string&>());
  }
}

bool FactProperties::covers(const std::string& name) const {
  if (is_unknown_column(name)) return layout_.extra;
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

std::string shown(const neo4j::Value* value) {
  if (value == nullptr) return "nothing";
  if (const auto* number = value->get<std::int64_t>()) return in_quotes(std::to_string(*number));
  if (const auto* text = value->get<std::string>()) return in_quotes(*text);
  if (const auto* date = value->get<Date>()) return in_quotes(iso_of(*date));
  return "a value of another type";
}

}  // namespace prism::neo4j
