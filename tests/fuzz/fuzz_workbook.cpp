// The input is a file of any format.

#include "check.hpp"
#include "support/memory_source.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::sheet;
  fuzz::accepted([&] {
    auto file = std::make_unique<test::MemorySource>(fuzz::text_of(data, size));
    fuzz::read_workbook(*open_workbook(std::move(file), "fuzz", FieldCount::any));
  });
  return 0;
}
