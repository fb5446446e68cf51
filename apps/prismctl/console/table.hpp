#pragma once

#include <string>
#include <vector>

namespace prismctl {

/// Rows of cells as lines with aligned columns, two blanks between them.
std::vector<std::string> table_lines(const std::vector<std::vector<std::string>>& rows);

}  // namespace prismctl
