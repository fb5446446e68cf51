// The input is a compound file (OLE2).

#include <vector>

#include <prism/sheet/cfb.hpp>

#include "check.hpp"
#include "support/memory_source.hpp"

namespace prism::sheet::fuzz {
namespace {

/// Reads the stream in pieces of that size.
std::vector<unsigned char> content_of(const CfbStream& stream, std::size_t piece) {
  std::vector<unsigned char> content;
  std::vector<unsigned char> buffer(piece);
  while (const std::size_t size = stream.read(content.size(), buffer)) {
    content.insert(content.end(), buffer.begin(), buffer.begin() + static_cast<long>(size));
  }
  return content;
}

void read_streams(const std::string& bytes) {
  const test::MemorySource file(bytes);
  const CompoundFile container(file);
  for (const char* name : {"Workbook", "Book", "EncryptedPackage", "EncryptionInfo"}) {
    const auto stream = container.stream(name);
    require_that(container.contains(name) == stream.has_value(), "a stream is not there");
    if (!stream) continue;
    const auto content = content_of(*stream, 4096);
    require_that(content.size() <= stream->size(), "a stream is longer than it says");
    // A short stream may be one piece of 64 bytes over and over.
    require_that(content.size() <= bytes.size() + 4096, "a stream is longer than its file");
    require_that(content == content_of(*stream, 100), "a stream differs when read in pieces");
  }
}

}  // namespace
}  // namespace prism::sheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::sheet::fuzz;
  const std::string bytes = text_of(data, size);
  accepted([&] { read_streams(bytes); });
  return 0;
}
