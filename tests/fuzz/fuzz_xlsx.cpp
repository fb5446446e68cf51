// The input is the parts of an .xlsx package, each behind a line with its name:
//
//   >>> xl/sharedStrings.xml
//   <sst>...</sst>
//
// They are packed here, so that no checksum stands between the changes and those who read them.
// What a workbook needs and the input does not have is taken from a small one.

#include <algorithm>

#include "check.hpp"
#include "support/memory_source.hpp"
#include "unit/sheet/zip_builder.hpp"

namespace prism::sheet::fuzz {
namespace {

constexpr std::string_view kMark = ">>> ";

void set_part(std::vector<test::BuiltPart>& parts, test::BuiltPart part) {
  const auto same = [&](const test::BuiltPart& other) { return other.name == part.name; };
  const auto found = std::find_if(parts.begin(), parts.end(), same);
  if (found == parts.end()) {
    parts.push_back(std::move(part));
  } else {
    found->content = std::move(part.content);
  }
}

std::vector<test::BuiltPart> parts_of(std::string_view input) {
  auto parts = test::BuiltXlsx{"<row><c><v>1</v></c></row>", "", "", ""}.parts();
  while (input.starts_with(kMark)) {
    input.remove_prefix(kMark.size());
    const std::size_t line = std::min(input.find('\n'), input.size());
    const std::size_t begin = std::min(line + 1, input.size());
    const std::size_t end = std::min(input.find(kMark, begin), input.size());
    set_part(parts, {std::string(input.substr(0, std::min<std::size_t>(line, 1000))),
                     std::string(input.substr(begin, end - begin))});
    input.remove_prefix(end);
  }
  return parts;
}

}  // namespace
}  // namespace prism::sheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::sheet;
  const std::string file = test::zip_file(fuzz::parts_of(fuzz::text_of(data, size)));
  fuzz::accepted([&] {
    auto source = std::make_unique<test::MemorySource>(file);
    fuzz::read_workbook(*open_workbook(std::move(source), "fuzz.xlsx"));
  });
  return 0;
}
