// The input is the stream EncryptionInfo, which says how an .xlsx is encrypted.

#include <array>
#include <numeric>

#include <prism/sheet/package_encryption.hpp>

#include "check.hpp"
#include "support/memory_source.hpp"
#include "unit/sheet/xls_builder.hpp"

namespace prism::sheet::fuzz {
namespace {

/// What claims to be a package of 5000 bytes, and is cut off within a block.
std::string package() {
  std::string bytes = test::le64(5000);
  for (int i = 0; i < 4600; ++i) bytes += static_cast<char>(i * 7 % 251);
  return bytes;
}

void decrypt(const std::string& info) {
  std::unique_ptr<ByteSource> file = std::make_unique<test::MemorySource>(
      test::compound_file({{"EncryptionInfo", info}, {"EncryptedPackage", package()}}));
  const auto opened = decrypt_package(file);
  require_that(opened != nullptr, "a package is not there");
  std::array<unsigned char, 600> piece;
  std::uint64_t read = 0;
  while (const std::size_t size = opened->read(read, piece)) read += size;
  require_that(read <= opened->size(), "a package is longer than it says");
}

/// Standard encryption always takes 50,000 rounds: one such input in 16 leaves time for others.
bool is_skipped(std::string_view info) {
  const bool agile = info.starts_with(std::string_view("\4\0\4\0", 4));
  return !agile && std::accumulate(info.begin(), info.end(), 0U) % 16 != 0;
}

}  // namespace
}  // namespace prism::sheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::sheet::fuzz;
  const std::string info = text_of(data, size);
  if (!is_skipped(info)) accepted([&] { decrypt(info); });
  return 0;
}
