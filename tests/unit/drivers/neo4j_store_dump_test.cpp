#include <doctest/doctest.h>
#include <zstd.h>

#include <prism/drivers/neo4j/store_dump.hpp>

#include "support/thrown.hpp"

namespace prism::neo4j {
namespace {

using test::thrown_by;

std::string big_endian(std::uint64_t number, int width) {
  std::string bytes;
  while (width-- > 0) bytes.push_back(static_cast<char>(number >> (8 * width)));
  return bytes;
}

/// One entry with its content.
std::string tar_entry(const std::string& name, char type, const std::string& content) {
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  std::string size(11, '0');
  for (std::size_t at = size.size(), left = content.size(); left > 0; left /= 8) {
    size[--at] = static_cast<char>('0' + left % 8);
  }
  header.replace(124, 11, size);
  header[156] = type;
  header.replace(257, 8,
                 std::string("ustar\0"
                             "00",
                             8));
  header.replace(148, 8, 8, ' ');
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  std::string digits(6, '0');
  for (std::size_t at = digits.size(); at > 0; sum /= 8)
    digits[--at] = static_cast<char>('0' + sum % 8);
  header.replace(148, 8, digits + '\0' + ' ');
  return header + content + std::string((512 - content.size() % 512) % 512, '\0');
}

std::string dump_of(const std::string& tar, std::uint64_t files, std::uint64_t bytes) {
  const std::string plain =
      "zstd" + big_endian(1, 4) + big_endian(files, 8) + big_endian(bytes, 8) + tar;
  std::string packed(ZSTD_compressBound(plain.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 1));
  return "DZV1" + packed;
}

const std::string kTar = tar_entry("./", '5', "") + tar_entry("a", 'x', "28 mtime=1\n") +
                         tar_entry("./neostore", '0', std::string(700, 'n')) +
                         tar_entry("./empty", '0', "") + std::string(1024, '\0');

backup::Content content_of(const std::string& dump, std::size_t piece) {
  StoreDumpSurvey survey;
  for (std::size_t at = 0; at < dump.size(); at += piece) {
    survey.add(std::string_view(dump).substr(at, piece));
  }
  survey.finish();
  return survey.content();
}

ErrorCode refusal_of(const std::string& dump) {
  return thrown_by([&] { content_of(dump, 4096); }).code;
}

}  // namespace

TEST_CASE("neo4j store dump: its files are counted, whatever the pieces it comes in") {
  const std::string dump = dump_of(kTar, 2, 700);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, dump.size()}) {
    CHECK(content_of(dump, piece).counts == backup::Counts{{"files", 2}});
  }
}

TEST_CASE("neo4j store dump: what is cut, damaged or something else is refused") {
  const std::string dump = dump_of(kTar, 2, 700);
  for (std::size_t size = 0; size < dump.size(); ++size) {
    CAPTURE(size);
    CHECK(refusal_of(dump.substr(0, size)) == ErrorCode::bad_data);
  }
  CHECK(refusal_of(dump + "x") == ErrorCode::bad_data);
  CHECK(refusal_of(dump_of(kTar, 3, 700)) == ErrorCode::bad_data);
  CHECK(refusal_of(dump_of(kTar, 2, 701)) == ErrorCode::bad_data);
  CHECK(refusal_of(dump_of(kTar.substr(0, kTar.size() - 512), 2, 700)) == ErrorCode::bad_data);
  std::string damaged = kTar;
  damaged[3] = 'x';
  CHECK(refusal_of(dump_of(damaged, 2, 700)) == ErrorCode::bad_data);
  CHECK(refusal_of("DGV1" + dump.substr(4)) == ErrorCode::bad_data);
}

}  // namespace prism::neo4j
