#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prism/gellish/property.hpp>

namespace prism::neo4j {

// The graph of facts (DESIGN section 5), from left to right:
// (:Entity {uid})-[:role]->(:Fact {fact_uid, …})-[:role]->(:Entity {uid}).
// An entity is what is the left or right object of a fact; a fact has all its properties, UIDs of
// both objects included, but for those that are blank.
inline constexpr std::string_view kEntityLabel = "Entity";
inline constexpr std::string_view kFactLabel = "Fact";
inline constexpr std::string_view kRoleType = "role";
inline constexpr std::string_view kEntityKey = "uid";
inline constexpr std::string_view kFactKey = "fact_uid";

/// How a property is stored in the graph: an INTEGER, a DATE or a STRING.
enum class PropertyType : std::uint8_t { integer, date, string };

/// Of a known property; unknown columns are strings.
PRISM_API PropertyType property_type(gellish::ValueKind kind);

/// What the property of an unknown column is named: `column_62`.
PRISM_API std::string column_property(gellish::ColumnId column);

/// 62 of `column_62`; nothing for any other name.
PRISM_API std::optional<gellish::ColumnId> column_of_property(std::string_view name);

/// The columns and texts of a fact's last value (gellish::FactLayout::extra), by column;
/// empty: none.
PRISM_API std::vector<std::pair<gellish::ColumnId, std::string>> unknown_columns(
    std::string_view extra);

}  // namespace prism::neo4j
