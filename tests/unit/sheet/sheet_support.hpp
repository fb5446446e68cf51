#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet::test {

/// A file of that content, removed at the end of the scope.
class TemporaryFile {
 public:
  TemporaryFile(std::string_view name, std::string_view content);

  const std::filesystem::path& path() const { return path_; }

 private:
  TemporaryFolder folder_;
  std::filesystem::path path_;
};

/// A file of tests/data/sheet.
std::filesystem::path fixture(std::string_view name);

/// Each row as `1: A="text" B=2.5 C=TRUE D=#REF! E=date 36971`.
std::vector<std::string> lines_of(RowReader& rows);
std::vector<std::string> lines_of(const std::filesystem::path& file, std::size_t sheet = 0);

/// Opens the file, reads all rows of all worksheets and returns how many cells they hold.
std::size_t count_cells(const std::filesystem::path& file);

/// The message of the Error(bad_data) that `action` ends in.
template <typename Action>
std::string damage_of(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::bad_data);
    return error.what();
  }
  FAIL_CHECK("expected an error, found none");
  return {};
}

inline bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace prism::sheet::test
