#include <prism/setup/user_table.hpp>

namespace prism::setup {

std::string missing_columns(const std::function<bool(std::string_view)>& has) {
  std::string missing;
  for (const std::string_view column : kUserColumns) {
    if (!has(column)) missing += (missing.empty() ? "" : ", ") + std::string(column);
  }
  return missing;
}

}  // namespace prism::setup
