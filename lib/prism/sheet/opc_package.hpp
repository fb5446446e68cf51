#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/sheet/zip_archive.hpp>

namespace prism::sheet {

/// [ECMA-376] part 2, section 6.5. Targets are part names in the package, without a leading slash.
struct Relationship {
  std::string id;
  std::string type;  ///< the last segment of the type's URI, such as `worksheet`
  std::string target;
};

/// The relationships of a part; of the package itself where `part` is empty. None when the part has
/// none; external ones are left out. Throws Damage.
std::vector<Relationship> read_relationships(const ZipArchive& archive, std::string_view part);

const Relationship* find_by_type(const std::vector<Relationship>& all, std::string_view type);
const Relationship* find_by_id(const std::vector<Relationship>& all, std::string_view id);

/// The content type that `[Content_Types].xml` gives a part, or empty.
std::string content_type(const ZipArchive& archive, std::string_view part);

/// The part that a relationship's target names, seen from the part that has the relationship:
/// `../a%20b.xml` seen from `xl/worksheets/sheet1.xml` is `xl/a b.xml`.
PRISM_API std::string resolve_target(std::string_view from, std::string_view target);

}  // namespace prism::sheet
