#include <prism/sheet/choose_sheet.hpp>

#include "sheet_support.hpp"
#include "unit/sheet/fixed_rows.hpp"

namespace prism::sheet::test {
namespace {

/// A workbook that has sheets and nothing in them.
class Sheets : public Workbook {
 public:
  explicit Sheets(std::vector<SheetInfo> sheets) : sheets_(std::move(sheets)) {}

  std::string_view format() const override { return "xls"; }
  std::span<const SheetInfo> sheets() const override { return sheets_; }
  std::unique_ptr<RowReader> rows(std::size_t, RowOrder) override {
    return std::make_unique<FixedRows>(std::vector<FixedRows::Line>{});
  }

 private:
  std::vector<SheetInfo> sheets_;
};

const Sheets kBook({{"chart", Visibility::visible, false},
                    {"hidden", Visibility::hidden, true},
                    {"first", Visibility::visible, true},
                    {"1", Visibility::visible, true}});

std::size_t chosen(const std::optional<std::string>& wanted) {
  return choose_sheet(kBook, "a.xls", wanted);
}

}  // namespace

TEST_CASE("sheet: the first visible worksheet is chosen, or the one that is named or numbered") {
  CHECK(chosen({}) == 2);
  CHECK(chosen("first") == 2);
  CHECK(chosen("hidden") == 1);
  CHECK(chosen("2") == 1);
  CHECK(chosen("3") == 2);
  CHECK(chosen("1") == 3);  // a name before a number
}

TEST_CASE("sheet: a sheet that is not there, or has no rows, is refused") {
  for (const char* wanted : {"5", "0", "-1", "First", "", "2 "}) {
    CAPTURE(wanted);
    try {
      chosen(wanted);
      FAIL_CHECK("expected an error");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::input_missing);
      CHECK(
          holds(error.what(), "a.xls: no sheet '" + std::string(wanted) + "' among its 4 sheets"));
      CHECK(holds(error.hint(), "--list-sheets"));
    }
  }
  CHECK(damage_of([] { chosen("chart"); }) ==
        "a.xls: sheet 'chart': found a chart, macro or dialog sheet, expected a worksheet");
  const Sheets none({{"hidden", Visibility::very_hidden, true}});
  CHECK(damage_of([&] { choose_sheet(none, "b.xls", {}); }) ==
        "b.xls: no visible worksheet among its 1 sheets");
}

}  // namespace prism::sheet::test
