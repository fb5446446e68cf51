#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::gellish {

/// Identifies a column of a Gellish table, such as 69.
using ColumnId = std::int32_t;

enum class ValueKind : std::uint8_t { integer, uid, date, text };

/// What a fact has a place for; the order is that of the store's columns.
enum class Property : std::uint8_t {
  sequence,
  language_uid,
  language,
  lh_context_uid,
  lh_context_name,
  lh_reality,
  lh_object_uid,
  lh_cardinalities,
  lh_object_name,
  lh_role_uid,
  lh_role_name,
  intention_uid,
  intention,
  val_context_uid,
  val_context_name,
  fact_uid,
  fact_description,
  rel_type_uid,
  rel_type_name,
  rh_role_uid,
  rh_role_name,
  rh_object_uid,
  rh_cardinalities,
  rh_object_name,
  partial_definition,
  full_definition,
  uom_uid,
  uom_name,
  accuracy_uid,
  accuracy_name,
  picklist_uid,
  picklist_name,
  remarks,
  approval_status,
  successor_uid,
  reason,
  effective_from,
  latest_update,
  author_uid,
  author,
  reference,
  copy_date,
  availability_date,
  addressee_uid,
  addressee_name,
  line_uid,
  collection_uid,
  collection_name,
  lh_commonality,
  rh_commonality,
};

constexpr std::size_t kPropertyCount = static_cast<std::size_t>(Property::rh_commonality) + 1;

struct PropertyInfo {
  Property property;
  std::string_view name;  ///< of the store's column
  ValueKind kind;
  ColumnId column;
  ColumnId other_column = -1;  ///< read where `column` is blank or not there
};

/// All properties in the order of Property (Gellish table columns as in DESIGN section 5).
PRISM_API std::span<const PropertyInfo, kPropertyCount> properties();

inline const PropertyInfo& info(Property property) {
  return properties()[static_cast<std::size_t>(property)];
}

/// The property that a column fills, or nothing for an unknown column.
PRISM_API const PropertyInfo* find_property(ColumnId column);

constexpr ColumnId kFactColumn = 1;
constexpr ColumnId kLeftColumn = 2;
constexpr ColumnId kRightColumn = 15;
constexpr ColumnId kRelationColumn = 60;

/// Columns that every table must have, and whose temporary UIDs are resolved.
inline constexpr std::array kIdentifyingColumns{kFactColumn, kLeftColumn, kRightColumn,
                                                kRelationColumn};

constexpr bool is_identifying(ColumnId column) {
  for (const ColumnId identifying : kIdentifyingColumns) {
    if (column == identifying) return true;
  }
  return false;
}

}  // namespace prism::gellish
