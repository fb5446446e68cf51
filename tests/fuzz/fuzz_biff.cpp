// The input is a workbook stream, the records of an .xls file without its container.

#include "check.hpp"
#include "support/memory_source.hpp"
#include "unit/sheet/xls_builder.hpp"

namespace prism::sheet::fuzz {
namespace {

void read(std::string file) {
  accepted([&] {
    auto source = std::make_unique<test::MemorySource>(std::move(file));
    read_workbook(*open_workbook(std::move(source), "fuzz.xls"));
  });
}

}  // namespace
}  // namespace prism::sheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::sheet;
  const std::string stream = fuzz::text_of(data, size);
  fuzz::read(test::compound_file({{"Workbook", stream}}));
  // A BOF record of any version begins with this byte: a file may be such a stream and no more.
  if (stream.starts_with('\x09')) fuzz::read(stream);
  return 0;
}
