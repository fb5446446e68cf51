#include <map>
#include <set>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <prism/gellish/property.hpp>

namespace prism::gellish {
namespace {

/// As other readers of such graphs know them.
constexpr std::string_view kNames =
    "sequence language_uid language lh_context_uid lh_context_name lh_reality lh_object_uid "
    "lh_cardinalities lh_object_name lh_role_uid lh_role_name intention_uid intention "
    "val_context_uid val_context_name fact_uid fact_description rel_type_uid rel_type_name "
    "rh_role_uid rh_role_name rh_object_uid rh_cardinalities rh_object_name partial_definition "
    "full_definition uom_uid uom_name accuracy_uid accuracy_name picklist_uid picklist_name "
    "remarks "
    "approval_status successor_uid reason effective_from latest_update author_uid author reference "
    "copy_date availability_date addressee_uid addressee_name line_uid collection_uid "
    "collection_name lh_commonality rh_commonality";

std::set<ColumnId> columns_of(ValueKind kind) {
  std::set<ColumnId> columns;
  for (const PropertyInfo& property : properties()) {
    if (property.kind != kind) continue;
    columns.insert(property.column);
    if (property.other_column >= 0) columns.insert(property.other_column);
  }
  return columns;
}

}  // namespace

TEST_CASE("gellish: properties have the names and the order that stores rely on") {
  std::string names;
  std::size_t index = 0;
  for (const PropertyInfo& property : properties()) {
    CHECK(static_cast<std::size_t>(property.property) == index++);
    CHECK(&info(property.property) == &property);
    names += (names.empty() ? "" : " ") + std::string(property.name);
  }
  CHECK(names == kNames);
  CHECK(index == 50);
}

TEST_CASE("gellish: columns hold UIDs, dates, a number or text") {
  CHECK(columns_of(ValueKind::uid) == std::set<ColumnId>{1, 2, 15, 60, 69, 71, 66, 50, 19, 72, 74,
                                                         5, 70, 76, 78, 67, 6, 178, 53});
  CHECK(columns_of(ValueKind::date) == std::set<ColumnId>{9, 10, 22, 23});
  CHECK(columns_of(ValueKind::integer) == std::set<ColumnId>{0});
}

TEST_CASE("gellish: every column fills the property of its ID") {
  const std::map<ColumnId, std::string_view> expected{
      {0, "sequence"},
      {69, "language_uid"},
      {54, "language"},
      {71, "lh_context_uid"},
      {16, "lh_context_name"},
      {39, "lh_reality"},
      {2, "lh_object_uid"},
      {44, "lh_cardinalities"},
      {101, "lh_object_name"},
      {72, "lh_role_uid"},
      {73, "lh_role_name"},
      {5, "intention_uid"},
      {43, "intention"},
      {19, "val_context_uid"},
      {18, "val_context_name"},
      {1, "fact_uid"},
      {42, "fact_description"},
      {60, "rel_type_uid"},
      {3, "rel_type_name"},
      {74, "rh_role_uid"},
      {75, "rh_role_name"},
      {15, "rh_object_uid"},
      {45, "rh_cardinalities"},
      {201, "rh_object_name"},
      {65, "partial_definition"},
      {4, "full_definition"},
      {66, "uom_uid"},
      {7, "uom_name"},
      {76, "accuracy_uid"},
      {77, "accuracy_name"},
      {70, "picklist_uid"},
      {20, "picklist_name"},
      {14, "remarks"},
      {8, "approval_status"},
      {78, "successor_uid"},
      {67, "successor_uid"},
      {24, "reason"},
      {9, "effective_from"},
      {10, "latest_update"},
      {6, "author_uid"},
      {12, "author"},
      {13, "reference"},
      {22, "copy_date"},
      {23, "availability_date"},
      {178, "addressee_uid"},
      {179, "addressee_name"},
      {53, "line_uid"},
      {50, "collection_uid"},
      {68, "collection_name"},
      {80, "lh_commonality"},
      {81, "rh_commonality"},
  };
  for (ColumnId column = 0; column <= 1000; ++column) {
    CAPTURE(column);
    const PropertyInfo* found = find_property(column);
    const auto wanted = expected.find(column);
    CHECK((found == nullptr) == (wanted == expected.end()));
    if (found != nullptr && wanted != expected.end()) CHECK(found->name == wanted->second);
  }
  CHECK(find_property(-1) == nullptr);
}

TEST_CASE("gellish: four columns identify a fact") {
  for (const ColumnId id : {1, 2, 15, 60}) CHECK(is_identifying(id));
  for (const ColumnId id : {0, 69, 78, 67, 3, 101}) CHECK_FALSE(is_identifying(id));
}

}  // namespace prism::gellish
