// The input is a CSV file.

#include <algorithm>

#include <prism/sheet/csv.hpp>

#include "check.hpp"
#include "support/memory_source.hpp"

namespace prism::sheet::fuzz {
namespace {

ReadRows rows_of(const std::string& content, FieldCount field_count) {
  ReadRows read;
  accepted([&] {
    const auto book = open_csv(std::make_shared<test::MemorySource>(content), "f.csv", field_count);
    read = read_rows(*book->rows(0));
  });
  return read;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0; });
}

std::string utf16_of(std::string_view ascii) {
  std::string out = "\xFF\xFE";
  for (const char c : ascii) out += {c, '\0'};
  return out;
}

void read_file(const std::string& content) {
  const ReadRows any = rows_of(content, FieldCount::any);
  const ReadRows as_header = rows_of(content, FieldCount::as_header);
  require_that(as_header.rows.size() <= any.rows.size() &&
                   std::equal(as_header.rows.begin(), as_header.rows.end(), any.rows.begin()),
               "rows depend on how many fields they must have");
  require_that(any.end == as_header.end || any.end == ReadRows::End::complete,
               "a file is refused only if its rows may have any number of fields");
  if (!is_ascii(content)) return;
  const ReadRows wide = rows_of(utf16_of(content), FieldCount::any);
  require_that(wide.rows == any.rows && wide.end == any.end, "a file differs in UTF-16");
}

}  // namespace
}  // namespace prism::sheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::sheet::fuzz;
  read_file(text_of(data, size));
  return 0;
}
