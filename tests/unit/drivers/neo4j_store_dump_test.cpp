#include <doctest/doctest.h>
#include <zstd.h>

#include <prism/drivers/neo4j/store_dump.hpp>

#include "support/tar.hpp"
#include "support/thrown.hpp"

namespace prism::neo4j {
namespace {

using test::tar_entry;
using test::thrown_by;

std::string big_endian(std::uint64_t number, int width) {
  std::string bytes;
  while (width-- > 0) bytes.push_back(static_cast<char>(number >> (8 * width)));
  return bytes;
}

std::string dump_of(const std::string& tar, std::uint64_t files, std::uint64_t bytes) {
  const std::string plain =
      "zstd" + big_endian(1, 4) + big_endian(files, 8) + big_endian(bytes, 8) + tar;
  std::string packed(ZSTD_compressBound(plain.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 1));
  return "DZV1" + packed;
}

const std::string kTar = tar_entry("./", "", '5') + tar_entry("a", "28 mtime=1\n", 'x') +
                         tar_entry("./neostore", std::string(700, 'n')) + tar_entry("./empty", "") +
                         test::tar_end();

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
