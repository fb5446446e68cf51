#include <algorithm>
#include <iterator>
#include <utility>

#include <prism/drivers/neo4j/show_rules.hpp>

namespace prism::neo4j {
namespace {

// Which fields there are depends on the version: 4.4 has no propertyType and no owningConstraint.
constexpr std::string_view kShowConstraints = "SHOW CONSTRAINTS YIELD * ORDER BY name";
constexpr std::string_view kShowIndexes = "SHOW INDEXES YIELD * ORDER BY name";

/// What a query returns, by the names of its fields.
std::vector<Map> rows_of(Transaction& transaction, std::string_view cypher) {
  std::vector<Map> rows;
  const Summary summary = transaction.run({cypher}, [&](Unpacker& fields) {
    Map& row = rows.emplace_back();
    while (!fields.at_end()) row.entries.push_back({{}, fields.value()});
  });
  for (Map& row : rows) {
    const std::size_t named = std::min(row.entries.size(), summary.fields.size());
    for (std::size_t i = 0; i < named; ++i) row.entries[i].key = summary.fields[i];
  }
  return rows;
}

/// Of a null, or a field that is not there, an empty one.
template <typename Type>
Type field_of(const Map& row, std::string_view name) {
  const Value* const found = row.find(name);
  const Type* const field = found == nullptr ? nullptr : found->get<Type>();
  return field == nullptr ? Type() : *field;
}

std::vector<std::string> texts(const Map& row, std::string_view name) {
  std::vector<std::string> all;
  for (const Value& value : field_of<List>(row, name)) {
    if (const auto* const text = value.get<std::string>()) all.push_back(*text);
  }
  return all;
}

/// 4.4 makes BTREE indexes where it is asked for no other type, 5 makes RANGE ones and knows no
/// BTREE. Without a provider either makes its own.
void replace_btree(Rule& rule) {
  if (rule.provider != "native-btree-1.0" && rule.provider != "lucene+native-3.0") return;
  if (rule.type == "BTREE") rule.type = "RANGE";
  rule.provider.clear();
  rule.config = {};
}

Rule rule_of(const Map& row, bool is_constraint) {
  const auto options = field_of<Map>(row, "options");
  Rule rule{.is_constraint = is_constraint,
            .name = field_of<std::string>(row, "name"),
            .type = field_of<std::string>(row, "type"),
            .entity = field_of<std::string>(row, "entityType"),
            .tokens = texts(row, "labelsOrTypes"),
            .properties = texts(row, "properties"),
            .value_type = field_of<std::string>(row, "propertyType"),
            .provider = field_of<std::string>(options, "indexProvider"),
            .config = field_of<Map>(options, "indexConfig")};
  replace_btree(rule);
  return rule;
}

/// A constraint's own index, which has its name, and goes and comes with it.
bool is_owned(const std::vector<Rule>& constraints, const Rule& index) {
  return std::any_of(constraints.begin(), constraints.end(),
                     [&](const Rule& constraint) { return constraint.name == index.name; });
}

}  // namespace

std::vector<Rule> read_rules(Transaction& transaction) {
  std::vector<Rule> rules, indexes;
  for (const Map& row : rows_of(transaction, kShowConstraints)) rules.push_back(rule_of(row, true));
  for (const Map& row : rows_of(transaction, kShowIndexes)) {
    Rule index = rule_of(row, false);
    const bool owned = !field_of<std::string>(row, "owningConstraint").empty();
    if (!owned && !is_owned(rules, index)) indexes.push_back(std::move(index));
  }
  std::move(indexes.begin(), indexes.end(), std::back_inserter(rules));
  return rules;
}

}  // namespace prism::neo4j
