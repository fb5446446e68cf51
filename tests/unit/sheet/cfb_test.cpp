#include <prism/sheet/cfb.hpp>
#include <prism/sheet/input_file.hpp>

#include "sheet_support.hpp"
#include "xls_builder.hpp"

namespace prism::sheet::test {
namespace {

std::string content_of(std::size_t size) {
  std::string content(size, '\0');
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 31 + i / 251);
  return content;
}

std::string read_all(const CfbStream& stream, std::size_t step) {
  std::string all;
  std::vector<unsigned char> piece(step);
  while (const std::size_t got = stream.read(all.size(), piece)) {
    all.append(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(got));
  }
  return all;
}

/// Whether all streams of such a file come back as they were.
void check_round_trip(CompoundOptions options) {
  const std::vector<BuiltStream> streams{{"Workbook", content_of(100000)},
                                         {"tiny", content_of(1)},
                                         {"empty", ""},
                                         {"mini", content_of(4095)},
                                         {"least", content_of(4096)}};
  const TemporaryFile file("a.xls", compound_file(streams, options));
  const InputFile input(file.path());
  const CompoundFile compound(input);
  for (const BuiltStream& stream : streams) {
    CAPTURE(stream.name);
    const auto found = compound.stream(stream.name);
    REQUIRE(found);
    CHECK(found->size() == stream.content.size());
    CHECK(read_all(*found, 777) == stream.content);
  }
}

/// What opening the workbook of a file with a changed byte ends in.
std::string damage_after(std::size_t offset, std::string_view bytes, std::size_t content = 10000) {
  const std::string stream = workbook_stream(
      "", {{"Sheet1", record(0x0204, cell(0, 0) + compressed(std::string(content, 'x')))}});
  std::string content_file = compound_file({{"Workbook", stream}});
  overwrite(content_file, offset, bytes);
  const TemporaryFile file("bad.xls", content_file);
  return damage_of([&] { count_cells(file.path()); });
}

std::size_t fat_offset(const std::string& file) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(file[at]); };
  const std::size_t sector = byte(76) | byte(77) << 8;
  return (sector + 1) * 512;
}

}  // namespace

TEST_CASE("sheet: compound file with sectors of 512 and 4096 bytes, in order and scattered") {
  check_round_trip({9, false});
  check_round_trip({9, true});
  check_round_trip({12, false});
  check_round_trip({12, true});
}

TEST_CASE("sheet: compound file whose allocation table needs DIFAT sectors") {
  // 109 entries in the header reach 7 MB; two DIFAT sectors more reach beyond 15 MB.
  const std::string content = content_of(std::size_t{17} << 20);
  const TemporaryFile file("big.xls", compound_file({{"Workbook", content}}));
  const InputFile input(file.path());
  const auto stream = CompoundFile(input).stream("workbook");
  REQUIRE(stream);
  CHECK(read_all(*stream, 100000) == content);
}

TEST_CASE("sheet: compound file without the stream that is asked for") {
  const TemporaryFile file("a.doc", compound_file({{"WordDocument", "text"}}));
  const InputFile input(file.path());
  const CompoundFile compound(input);
  CHECK(compound.contains("worddocument"));
  CHECK_FALSE(compound.contains("Workbook"));
  CHECK_FALSE(compound.stream("Workbook"));
}

TEST_CASE("sheet: compound file header that makes no sense") {
  CHECK(holds(damage_after(30, le16(20)), "found sector shift 20, expected 9 or 12"));
  CHECK(
      holds(damage_after(48, le32(5000)), "bad.xls: damaged or truncated: sector 5000 is needed"));
  CHECK(holds(damage_after(48, le32(0)), "found no root entry"));
  CHECK(holds(damage_after(76, le32(0x00FFFFFF)), "truncated: the record at offset "));
}

TEST_CASE("sheet: compound file chains that loop or lead nowhere") {
  const std::string stream = workbook_stream(
      "", {{"Sheet1", record(0x0204, cell(0, 0) + compressed(std::string(8000, 'x')))}});
  const std::string good = compound_file({{"Workbook", stream}});
  const auto damage_with_next = [&](std::size_t sector, std::uint32_t next) {
    std::string bad = good;
    overwrite(bad, fat_offset(bad) + 4 * sector, le32(next));
    const TemporaryFile file("loop.xls", bad);
    return damage_of([&] { count_cells(file.path()); });
  };
  CHECK(holds(damage_with_next(3, 1), "the chain of sector 0 is a loop"));
  CHECK(holds(damage_with_next(3, 3), "the chain of sector 0 is a loop"));
  CHECK(holds(damage_with_next(3, 0xFFFFFFFF), "truncated: the record at offset "));
  CHECK(holds(damage_with_next(3, 4000), "truncated: the record at offset "));
  CHECK(holds(damage_with_next(3, 0xFFFFFFFE), "truncated: the record at offset "));
}

TEST_CASE("sheet: compound file DIFAT that loops") {
  std::string bad = compound_file({{"Workbook", content_of(std::size_t{8} << 20)}});
  // A single DIFAT sector that is its own successor, and a table said to be endless.
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bad[at]); };
  const std::size_t sector = byte(68) | byte(69) << 8;
  overwrite(bad, (sector + 2) * 512 - 4, le32(static_cast<std::uint32_t>(sector)));
  overwrite(bad, (sector + 1) * 512, std::string(508, '\xFF'));
  overwrite(bad, 44, le32(0xFFFFFFFF));
  const TemporaryFile file("loop.xls", bad);
  CHECK(holds(damage_of([&] { count_cells(file.path()); }), "the DIFAT sectors form a loop"));
}

}  // namespace prism::sheet::test
