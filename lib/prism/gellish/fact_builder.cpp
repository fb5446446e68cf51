#include <algorithm>

#include <nlohmann/json.hpp>

#include <prism/gellish/fact_builder.hpp>

namespace prism::gellish {

FactBuilder::FactBuilder(const Header& header) {
  for (const PropertyInfo& property : properties()) {
    const int first = header.find(property.column);
    const int second = property.other_column < 0 ? -1 : header.find(property.other_column);
    if (first < 0 && second < 0) continue;
    layout_.properties.push_back(property.property);
    const bool number = property.kind == ValueKind::uid || property.kind == ValueKind::integer;
    inputs_.push_back({first < 0 ? second : first, first < 0 ? -1 : second, number});
  }
  for (std::size_t field = 0; field < header.columns.size(); ++field) {
    const ColumnId id = header.columns[field].id;
    if (find_property(id) == nullptr) unknown_.emplace_back(id, field);
  }
  std::sort(unknown_.begin(), unknown_.end());
  layout_.extra = !unknown_.empty();
}

void FactBuilder::add(const Record& record, FactBatch& batch) const {
  const auto& fields = record.fields();
  for (const Input& input : inputs_) {
    const Field* field = &fields[static_cast<std::size_t>(input.first)];
    if (field->text.empty() && input.second >= 0) {
      field = &fields[static_cast<std::size_t>(input.second)];
    }
    if (field->text.empty() || !field->readable) {
      batch.add_null();
    } else if (input.number) {
      batch.add_number(field->number);
    } else {
      batch.add_text(field->text);
    }
  }
  if (layout_.extra) add_extra(record, batch);
}

void FactBuilder::add_extra(const Record& record, FactBatch& batch) const {
  nlohmann::ordered_json extra;
  for (const auto& [id, field] : unknown_) {
    const std::string_view text = record.fields()[field].text;
    if (!text.empty()) extra[std::to_string(id)] = text;
  }
  if (extra.empty()) {
    batch.add_null();
  } else {
    batch.add_text(extra.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
}

}  // namespace prism::gellish
