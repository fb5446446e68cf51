// The input is a number (8 bytes) and a text, which is taken for a format code and for a date.

#include <cmath>
#include <cstring>

#include <prism/sheet/cell_text.hpp>
#include <prism/sheet/iso_date.hpp>
#include <prism/sheet/number_format.hpp>

#include "check.hpp"

namespace prism::sheet::fuzz {
namespace {

constexpr double kSecond = 1.0 / 86400;
constexpr double kAfterYear9999 = 2958466;

std::string text_of(CellType type, double number) {
  std::string text;
  append_cell_text(text, {0, type, number, {}});
  return text;
}

/// What is shown of a point in time must be that one, to the second.
void check_date(CellType type, double days) {
  std::string text = text_of(type, days);
  const bool calendar = days >= 0 && days < kAfterYear9999 - kSecond;
  if (!calendar || text.starts_with("1900-02-29")) return;
  const std::size_t blank = text.find(' ');
  if (blank != std::string::npos) text[blank] = 'T';
  const auto read = parse_iso_date(text);
  require_that(read.has_value(), "a date's text is none");
  // A time of day just before midnight is shown as 00:00:00.
  const bool midnight = read->type == CellType::time && read->days == 0 && days > 0.5;
  const double shown = midnight ? 1 : read->days;
  require_that(std::fabs(shown - days) <= kSecond, "a date is shown as another one");
}

void check_number(CellType type, double number) {
  if (!std::isfinite(number)) return;  // cells never hold one
  const std::string text = text_of(type, number);
  require_that(!text.empty() && text.size() < 40, "a number's text is too short or long");
  check_number_text(number);
  if (type == CellType::date || type == CellType::date_time || type == CellType::time) {
    check_date(type, number);
  }
}

void check_iso_date(std::string_view text) {
  const auto date = parse_iso_date(text);
  if (!date) return;
  require_that(
      std::isfinite(date->days) && date->days > -693'970 && date->days < kAfterYear9999 + 2,
      "a date lies outside the years 0 to 9999");
  check_date(date->type, date->days);
}

void check_format_code(std::string_view code) {
  const CellType type = type_of_format_code(code);
  require_that(type == CellType::number || type >= CellType::date, "a format's type is none");
  CellFormats formats;
  formats.add_code(164, code);
  formats.add_cell_format(164);
  formats.resolve();
  require_that(formats.type(0) == type && formats.type(1) == CellType::number,
               "a format's type is not kept");
}

}  // namespace
}  // namespace prism::sheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::sheet;
  double number = 0;
  if (size < sizeof number) return 0;
  std::memcpy(&number, data, sizeof number);
  for (const CellType type : {CellType::number, CellType::boolean, CellType::date,
                              CellType::date_time, CellType::time, CellType::duration}) {
    fuzz::check_number(type, number);
  }
  const std::string text = fuzz::text_of(data + sizeof number, size - sizeof number);
  fuzz::check_format_code(text);
  fuzz::check_iso_date(text);
  return 0;
}
