#include <prism/drivers/neo4j/show_rules.hpp>

namespace prism::neo4j {
namespace {

constexpr std::string_view kShowConstraints =
    "SHOW CONSTRAINTS YIELD name, type, entityType, labelsOrTypes, properties, propertyType, "
    "options RETURN name, type, entityType, labelsOrTypes, properties, propertyType, "
    "options.indexProvider, options.indexConfig ORDER BY name";
/// A constraint's own goes and comes with it.
constexpr std::string_view kShowIndexes =
    "SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties, owningConstraint, "
    "options WHERE owningConstraint IS NULL "
    "RETURN name, type, entityType, labelsOrTypes, properties, null, "
    "options.indexProvider, options.indexConfig ORDER BY name";

std::string text(Unpacker& fields) {
  return fields.take_null() ? std::string() : std::string(fields.string());
}

std::vector<std::string> texts(Unpacker& fields) {
  std::vector<std::string> all;
  if (fields.take_null()) return all;
  for (std::size_t left = fields.list(); left > 0; --left) all.emplace_back(fields.string());
  return all;
}

Rule take_rule(Unpacker& fields, bool is_constraint) {
  Rule rule;
  rule.is_constraint = is_constraint;
  rule.name = fields.string();
  rule.type = fields.string();
  rule.entity = fields.string();
  rule.tokens = texts(fields);
  rule.properties = texts(fields);
  rule.value_type = text(fields);
  rule.provider = text(fields);
  if (!fields.take_null()) rule.config = fields.map_value();
  return rule;
}

}  // namespace

std::vector<Rule> read_rules(Transaction& transaction) {
  std::vector<Rule> rules;
  transaction.run({kShowConstraints},
                  [&](Unpacker& fields) { rules.push_back(take_rule(fields, true)); });
  transaction.run({kShowIndexes},
                  [&](Unpacker& fields) { rules.push_back(take_rule(fields, false)); });
  return rules;
}

}  // namespace prism::neo4j
