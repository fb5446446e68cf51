#include <doctest/doctest.h>

#include <prism/base/error.hpp>
#include <prism/base/tar_header.hpp>

#include "support/tar.hpp"
#include "support/thrown.hpp"

namespace prism {
namespace {

constexpr std::size_t kSize = 124;

TarBlock block_of(const std::string& bytes) {
  TarBlock block{};
  bytes.copy(block.data(), block.size());
  return block;
}

/// That of a file `name` of 7 bytes, with those bytes at that place, and the checksum of it.
TarBlock changed(std::size_t at, const std::string& bytes) {
  std::string header = test::tar_entry("name", "content").substr(0, kTarBlock);
  return block_of(test::with_tar_checksums(header.replace(at, bytes.size(), bytes)));
}

std::string refusal_of(const TarBlock& block) {
  const auto thrown = test::thrown_by([&] { parse_tar_header(block); });
  CHECK(thrown.code == ErrorCode::bad_data);
  return thrown.message;
}

}  // namespace

TEST_CASE("tar header: what ustar says of a file, and of a link") {
  const TarHeader file = parse_tar_header(changed(136, "00000000017 "));
  CHECK(file.path == "name");
  CHECK(file.type == '0');
  CHECK(file.mode == 0600);
  CHECK(file.size == 7);
  CHECK(file.modified == 15);
  CHECK(parse_tar_header(changed(156, std::string(1, '\0'))).type == '0');
  CHECK(parse_tar_header(changed(156, "2/to/there")).target == "/to/there");
  CHECK(parse_tar_header(changed(0, std::string(100, 'n'))).path == std::string(100, 'n'));
}

TEST_CASE("tar header: a prefix is POSIX's alone") {
  CHECK(parse_tar_header(changed(345, "far/away")).path == "far/away/name");
  std::string header = test::tar_entry("name", "");
  header.replace(257, 8, std::string("ustar  \0", 8)).replace(345, 4, "time");
  CHECK(parse_tar_header(block_of(test::with_tar_checksums(header))).path == "name");
}

TEST_CASE("tar header: numbers of base 8 and of base 256") {
  const auto size = [](const std::string& bytes) {
    return parse_tar_header(changed(kSize, bytes)).size;
  };
  CHECK(size("777777777777") == 0xFFFFFFFFF);
  CHECK(size("         10 ") == 8);
  CHECK(size(std::string("\x80\0\0\0\0\0\0\x02\0\0\0\x03", 12)) == (std::uint64_t{2} << 32 | 3));
  CHECK(size(std::string("\x80\0\0\0\x0F", 5) + std::string(7, '\xFF')) ==
        (std::uint64_t{1} << 60) - 1);
  for (const std::string& none :
       {std::string("0000000000z "), std::string(12, ' '), std::string(12, '\0'),
        std::string("00000000-10 "), std::string("0000000 010 ")}) {
    CAPTURE(none);
    CHECK(refusal_of(changed(kSize, none)) == "tar: a number was expected in a header");
  }
  CHECK(refusal_of(changed(kSize, std::string(12, '\xFF'))) ==
        "tar: a number is negative, or too large");
  CHECK(refusal_of(changed(kSize, std::string("\x80\0\0\0\x10", 5) + std::string(7, '\0'))) ==
        "tar: a number is too large");
}

TEST_CASE("tar header: what is changed or none is refused") {
  TarBlock flipped = changed(0, "name");
  flipped[1] ^= 1;
  CHECK(refusal_of(flipped) == "tar: a header has another checksum");
  CHECK(refusal_of(block_of(std::string(kTarBlock, 'x'))) ==
        "tar: what should be a header is none");
}

TEST_CASE("tar header: the end of an archive, and what fills blocks") {
  CHECK(ends_tar(TarBlock{}));
  CHECK_FALSE(ends_tar(changed(0, "name")));
  CHECK(tar_padding(0) == 0);
  CHECK(tar_padding(1) == 511);
  CHECK(tar_padding(512) == 0);
}

}  // namespace prism
