#pragma once

#include <string>
#include <vector>

namespace prism::sheet::test {

struct BuiltPart {
  std::string name;
  std::string content;
};

/// A zip archive with those parts, not compressed.
std::string zip_file(const std::vector<BuiltPart>& parts);

/// What a workbook of one sheet is made of; each part can be replaced by a test.
struct BuiltXlsx {
  std::string sheet_data;
  std::string shared_strings;  ///< the `si` elements
  std::string styles;          ///< what stands in `styleSheet`
  std::string workbook_properties;

  std::vector<BuiltPart> parts() const;
  std::string file() const { return zip_file(parts()); }
};

/// The part of that name.
std::string& part(std::vector<BuiltPart>& parts, const std::string& name);

}  // namespace prism::sheet::test
