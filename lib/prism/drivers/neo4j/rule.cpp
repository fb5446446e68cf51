#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/neo4j/json_property.hpp>
#include <prism/drivers/neo4j/packer.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/rule.hpp>

namespace prism::neo4j {
namespace {

/// What a constraint requires of its properties, by its type; the first of a kind is what it is
/// named in Neo4j 5, the others before or after.
struct Requirement {
  std::string_view type;
  std::string_view words;
};
constexpr std::array kRequirements{
    Requirement{"UNIQUENESS", "IS UNIQUE"},
    Requirement{"NODE_PROPERTY_UNIQUENESS", "IS UNIQUE"},
    Requirement{"RELATIONSHIP_UNIQUENESS", "IS UNIQUE"},
    Requirement{"RELATIONSHIP_PROPERTY_UNIQUENESS", "IS UNIQUE"},
    Requirement{"NODE_KEY", "IS KEY"},
    Requirement{"RELATIONSHIP_KEY", "IS KEY"},
    Requirement{"NODE_PROPERTY_EXISTENCE", "IS NOT NULL"},
    Requirement{"RELATIONSHIP_PROPERTY_EXISTENCE", "IS NOT NULL"},
    Requirement{"NODE_PROPERTY_TYPE", "IS :: "},
    Requirement{"RELATIONSHIP_PROPERTY_TYPE", "IS :: "},
};

constexpr std::array<std::string_view, 6> kIndexTypes{"RANGE",    "TEXT",   "POINT",
                                                      "FULLTEXT", "VECTOR", "LOOKUP"};

const Requirement* requirement_of(const Rule& rule) {
  const auto* const found =
      std::find_if(kRequirements.begin(), kRequirements.end(),
                   [&](const Requirement& one) { return one.type == rule.type; });
  return found == kRequirements.end() ? nullptr : found;
}

/// `(n:`A`|`B`)`, `()-[n:`A`]-()`
std::string pattern_of(const Rule& rule) {
  std::vector<std::string> tokens;
  for (const std::string& token : rule.tokens) tokens.push_back(in_backticks(token));
  const std::string name = fmt::format("n{}{}", tokens.empty() ? "" : ":", fmt::join(tokens, "|"));
  return rule.entity == "NODE" ? "(" + name + ")" : "()-[" + name + "]-()";
}

std::string properties_of(const Rule& rule) {
  std::vector<std::string> properties;
  for (const std::string& property : rule.properties) {
    properties.push_back("n." + in_backticks(property));
  }
  return fmt::format("{}", fmt::join(properties, ", "));
}

std::string target_of(const Rule& rule) {
  if (rule.type == "LOOKUP") return rule.entity == "NODE" ? "EACH labels(n)" : "EACH type(n)";
  const std::string properties = properties_of(rule);
  return rule.type == "FULLTEXT" ? "EACH [" + properties + "]" : "(" + properties + ")";
}

bool has_options(const Rule& rule) { return rule.type != "LOOKUP" && !rule.provider.empty(); }

/// What a server makes that is asked for no type: RANGE, or BTREE where it is of 4.4.
bool is_plain_index(const Rule& rule) { return rule.type == "RANGE" && rule.provider.empty(); }

/// Where it goes into a statement as it is.
bool is_plain_type(const std::string& type) {
  constexpr const char* kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 <>|_()";
  return type.find_first_not_of(kAllowed) == std::string::npos;
}

void require_sound(const Rule& rule, const JsonLine& json) {
  const bool lookup = !rule.is_constraint && rule.type == "LOOKUP";
  const bool named = rule.tokens.empty() == lookup && rule.properties.empty() == lookup;
  const bool on_something = rule.entity == "NODE" || rule.entity == "RELATIONSHIP";
  if (!is_known(rule)) json.fail("a rule of an unknown type: " + in_quotes(rule.type));
  if (rule.name.empty() || !named || !on_something || !is_plain_type(rule.value_type)) {
    json.fail("a rule that can't be made");
  }
}

std::vector<std::string> read_names(JsonLine& json) {
  json.expect("[");
  std::vector<std::string> names;
  while (!json.take("]")) {
    if (!names.empty()) json.expect(",");
    names.emplace_back(json.string());
    if (names.back().empty()) json.fail("an empty name");
  }
  return names;
}

void append_names(std::string& json, const std::vector<std::string>& names) {
  json.push_back('[');
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) json.push_back(',');
    append_json_string(json, names[i]);
  }
  json.push_back(']');
}

}  // namespace

void append_rule(std::string& json, const Rule& rule) {
  json += rule.is_constraint ? "{\"constraint\":" : "{\"index\":";
  append_json_string(json, rule.name);
  json += ",\"type\":";
  append_json_string(json, rule.type);
  json += ",\"entity\":";
  append_json_string(json, rule.entity);
  json += ",\"names\":";
  append_names(json, rule.tokens);
  json += ",\"properties\":";
  append_names(json, rule.properties);
  if (rule.is_constraint) {
    json += ",\"value_type\":";
    append_json_string(json, rule.value_type);
  }
  json += ",\"provider\":";
  append_json_string(json, rule.provider);
  json += ",\"config\":{";
  std::string config;
  Packer(config).value(rule.config);
  Unpacker unpacker(config);
  append_properties(json, unpacker);
  json += "}}\n";
}

Rule read_rule(JsonLine& json) {
  Rule rule;
  rule.is_constraint = json.take("{\"constraint\":");
  if (!rule.is_constraint) json.expect("{\"index\":");
  rule.name = json.string();
  json.expect(",\"type\":");
  rule.type = json.string();
  json.expect(",\"entity\":");
  rule.entity = json.string();
  json.expect(",\"names\":");
  rule.tokens = read_names(json);
  json.expect(",\"properties\":");
  rule.properties = read_names(json);
  if (rule.is_constraint) {
    json.expect(",\"value_type\":");
    rule.value_type = json.string();
  }
  json.expect(",\"provider\":");
  rule.provider = json.string();
  json.expect(",\"config\":");
  std::string entries, packed;
  Packer(packed).map(pack_properties(entries, json));
  packed += entries;
  rule.config = Unpacker(packed).map_value();
  json.expect("}");
  json.expect_end();
  require_sound(rule, json);
  return rule;
}

bool is_known(const Rule& rule) {
  if (rule.is_constraint) return requirement_of(rule) != nullptr;
  return std::find(kIndexTypes.begin(), kIndexTypes.end(), rule.type) != kIndexTypes.end();
}

std::string creation_of(const Rule& rule) {
  const std::string options = has_options(rule) ? " OPTIONS $options" : "";
  const std::string name = in_backticks(rule.name);
  if (!rule.is_constraint) {
    const std::string type = is_plain_index(rule) ? "" : rule.type + " ";
    return fmt::format("CREATE {}INDEX {} FOR {} ON {}{}", type, name, pattern_of(rule),
                       target_of(rule), options);
  }
  const Requirement* const requirement = requirement_of(rule);
  const bool is_typed = requirement->words.ends_with(' ');
  return fmt::format("CREATE CONSTRAINT {} FOR {} REQUIRE ({}) {}{}{}", name, pattern_of(rule),
                     properties_of(rule), requirement->words, is_typed ? rule.value_type : "",
                     options);
}

std::string parameters_of(const Rule& rule) {
  if (!has_options(rule)) return {};
  const Map options{{{"indexProvider", rule.provider}, {"indexConfig", rule.config}}};
  Parameters parameters(1);
  parameters.value("options").value(options);
  return parameters.bytes();
}

std::string removal_of(const Rule& rule) {
  return fmt::format("DROP {} {} IF EXISTS", rule.is_constraint ? "CONSTRAINT" : "INDEX",
                     in_backticks(rule.name));
}

/// Cypher replaces `\u…` before all else, so a backslash goes as one of them.
std::string in_backticks(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) {
    if (c == '\\') {
      quoted += "\\u005C";
    } else {
      quoted += c;
      if (c == '`') quoted += c;
    }
  }
  return quoted + "`";
}

}  // namespace prism::neo4j
