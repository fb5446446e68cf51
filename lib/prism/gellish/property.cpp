#include <algorithm>

#include <prism/gellish/property.hpp>

namespace prism::gellish {
namespace {

using enum ValueKind;
using P = Property;

constexpr std::array<PropertyInfo, kPropertyCount> kProperties{{
    {P::sequence, "sequence", integer, 0},
    {P::language_uid, "language_uid", uid, 69},
    {P::language, "language", text, 54},
    {P::lh_context_uid, "lh_context_uid", uid, 71},
    {P::lh_context_name, "lh_context_name", text, 16},
    {P::lh_reality, "lh_reality", text, 39},
    {P::lh_object_uid, "lh_object_uid", uid, 2},
    {P::lh_cardinalities, "lh_cardinalities", text, 44},
    {P::lh_object_name, "lh_object_name", text, 101},
    {P::lh_role_uid, "lh_role_uid", uid, 72},
    {P::lh_role_name, "lh_role_name", text, 73},
    {P::intention_uid, "intention_uid", uid, 5},
    {P::intention, "intention", text, 43},
    {P::val_context_uid, "val_context_uid", uid, 19},
    {P::val_context_name, "val_context_name", text, 18},
    {P::fact_uid, "fact_uid", uid, 1},
    {P::fact_description, "fact_description", text, 42},
    {P::rel_type_uid, "rel_type_uid", uid, 60},
    {P::rel_type_name, "rel_type_name", text, 3},
    {P::rh_role_uid, "rh_role_uid", uid, 74},
    {P::rh_role_name, "rh_role_name", text, 75},
    {P::rh_object_uid, "rh_object_uid", uid, 15},
    {P::rh_cardinalities, "rh_cardinalities", text, 45},
    {P::rh_object_name, "rh_object_name", text, 201},
    {P::partial_definition, "partial_definition", text, 65},
    {P::full_definition, "full_definition", text, 4},
    {P::uom_uid, "uom_uid", uid, 66},
    {P::uom_name, "uom_name", text, 7},
    {P::accuracy_uid, "accuracy_uid", uid, 76},
    {P::accuracy_name, "accuracy_name", text, 77},
    {P::picklist_uid, "picklist_uid", uid, 70},
    {P::picklist_name, "picklist_name", text, 20},
    {P::remarks, "remarks", text, 14},
    {P::approval_status, "approval_status", text, 8},
    {P::successor_uid, "successor_uid", uid, 78, 67},
    {P::reason, "reason", text, 24},
    {P::effective_from, "effective_from", date, 9},
    {P::latest_update, "latest_update", date, 10},
    {P::author_uid, "author_uid", uid, 6},
    {P::author, "author", text, 12},
    {P::reference, "reference", text, 13},
    {P::copy_date, "copy_date", date, 22},
    {P::availability_date, "availability_date", date, 23},
    {P::addressee_uid, "addressee_uid", uid, 178},
    {P::addressee_name, "addressee_name", text, 179},
    {P::line_uid, "line_uid", uid, 53},
    {P::collection_uid, "collection_uid", uid, 50},
    {P::collection_name, "collection_name", text, 68},
    {P::lh_commonality, "lh_commonality", text, 80},
    {P::rh_commonality, "rh_commonality", text, 81},
}};

}  // namespace

std::span<const PropertyInfo, kPropertyCount> properties() { return kProperties; }

const PropertyInfo* find_property(ColumnId column) {
  const auto found =
      std::find_if(kProperties.begin(), kProperties.end(), [column](const PropertyInfo& p) {
        return p.column == column || (p.other_column >= 0 && p.other_column == column);
      });
  return found == kProperties.end() ? nullptr : &*found;
}

}  // namespace prism::gellish
