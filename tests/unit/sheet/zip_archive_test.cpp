#include <prism/sheet/damage.hpp>
#include <prism/sheet/read_ahead.hpp>
#include <prism/sheet/zip_archive.hpp>

#include "sheet_support.hpp"
#include "support/memory_source.hpp"
#include "xls_builder.hpp"
#include "zip_builder.hpp"

namespace prism::sheet::test {
namespace {

const std::vector<BuiltPart> kParts{{"xl/One.xml", "first"},
                                    {"two\\three", std::string(200000, 'x')}};
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEntrySize = 46;

std::string read_all(ByteStream& stream) {
  std::string all;
  std::array<char, 1000> piece;
  while (const std::size_t got = stream.read(piece)) all.append(piece.data(), got);
  return all;
}

std::string content_of(const std::string& file, std::string_view name) {
  const MemorySource source(file);
  const ZipArchive archive(source);
  return read_all(*archive.open(name));
}

std::string damage_in(const std::string& file, std::string_view name = "xl/one.xml") {
  try {
    content_of(file, name);
  } catch (const Damage& damage) {
    return damage.what();
  }
  FAIL_CHECK("expected Damage");
  return {};
}

/// Where the directory's first entry lies.
std::size_t directory_of(const std::string& file) { return file.find("PK\x01\x02"); }

std::string changed(std::string file, std::size_t offset, std::string_view bytes) {
  overwrite(file, offset, bytes);
  return file;
}

}  // namespace

TEST_CASE("sheet: zip parts are found whatever the case and the slashes of their names") {
  const std::string file = zip_file(kParts);
  const MemorySource source(file);
  const ZipArchive archive(source);
  CHECK(archive.contains("XL/one.XML"));
  CHECK_FALSE(archive.contains("one.xml"));
  CHECK(content_of(file, "xl/one.xml") == "first");
  CHECK(content_of(file, "Two/Three") == kParts[1].content);
  CHECK(damage_in(file, "four") == "part 'four' is missing");
  // Of two with one name the later one counts: the archive was added to.
  CHECK(content_of(zip_file({{"a", "old"}, {"/A", "new"}}), "a") == "new");
}

TEST_CASE("sheet: zip archives with something before or behind them") {
  const std::string file = zip_file(kParts);
  CHECK(content_of("#!/bin/sh\nexit 1\n" + file, "xl/one.xml") == "first");
  const std::string comment(300, 'c');
  const std::string with_comment = changed(file, file.size() - 2, le16(300)) + comment;
  CHECK(content_of(with_comment, "xl/one.xml") == "first");
}

TEST_CASE("sheet: zip64 archives") {
  // All numbers are in the zip64 fields: of the entry, and of the directory.
  const std::string plain = zip_file({{"one", "first"}});
  const std::size_t entry = directory_of(plain);
  const std::string extra =
      le16(1) + le16(24) + le32(5) + le32(0) + le32(5) + le32(0) + le32(0) + le32(0);
  std::string file = plain.substr(0, plain.size() - kEndSize) + extra;
  overwrite(file, entry + 20, le32(0xFFFFFFFF) + le32(0xFFFFFFFF));
  overwrite(file, entry + 30, le16(static_cast<unsigned>(extra.size())));
  overwrite(file, entry + 42, le32(0xFFFFFFFF));
  const auto size = static_cast<std::uint32_t>(file.size() - entry);
  const auto end64 = static_cast<std::uint32_t>(file.size());
  const std::string one = le32(1) + le32(0);
  file += "PK\x06\x06" + le32(44) + le32(0) + le16(45) + le16(45) + le32(0) + le32(0) + one + one +
          le32(size) + le32(0) + le32(static_cast<std::uint32_t>(entry)) + le32(0);
  file += "PK\x06\x07" + le32(0) + le32(end64) + le32(0) + le32(1);
  file += "PK\x05\x06" + le16(0) + le16(0) + le16(0xFFFF) + le16(0xFFFF) + le32(0xFFFFFFFF) +
          le32(0xFFFFFFFF) + le16(0);
  CHECK(content_of(file, "one") == "first");
}

TEST_CASE("sheet: zip archives that are damaged") {
  const std::string file = zip_file(kParts);
  const std::size_t entry = directory_of(file);
  CHECK(damage_in("") == "damaged or truncated zip archive: its central directory is not there");
  CHECK(holds(damage_in(file.substr(0, file.size() - 1)), "its central directory is not there"));
  CHECK(holds(damage_in(changed(file, file.size() - 10, le32(0xFFFFFF))),
              "its central directory says that it has 16777215 bytes"));
  CHECK(holds(damage_in(changed(file, file.size() - 10, le32(0))), "is empty"));
  CHECK(holds(damage_in(changed(file, entry + 28, le16(60000))), "expected at least"));
  CHECK(damage_in(changed(file, entry + 42, le32(7))) ==
        "part 'xl/one.xml': its header is not where the archive's directory says");
  CHECK(damage_in(changed(file, entry + 8, le16(1))) == "part 'xl/one.xml': it is encrypted");
  CHECK(damage_in(changed(file, entry + 10, le16(12))) ==
        "part 'xl/one.xml': found compression method 12, expected 0 (stored) or 8 (deflated)");
  CHECK(damage_in(changed(file, entry + 20, le32(0xFFFFFF))) == "the file ends within it");
  CHECK(damage_in(changed(file, entry + 16, le32(0))) == "its checksum (CRC) is wrong");
  CHECK(damage_in(changed(file, entry + 10, le16(8))) == "its compressed data are invalid");
}

TEST_CASE("sheet: a part is read ahead on a thread, and what goes wrong there is told") {
  const std::string file = zip_file(kParts);
  const MemorySource source(file);
  const ZipArchive archive(source);
  ReadAhead whole(archive.open("two/three"));
  CHECK(read_all(whole) == kParts[1].content);
  { const ReadAhead left_alone(archive.open("two/three")); }

  const MemorySource damaged(changed(file, directory_of(file) + kEntrySize + 10 + 16, le32(0)));
  ReadAhead bad(ZipArchive(damaged).open("two/three"));
  CHECK_THROWS_WITH_AS(read_all(bad), "its checksum (CRC) is wrong", Damage);
  CHECK_THROWS_WITH_AS(read_all(bad), "its checksum (CRC) is wrong", Damage);
}

}  // namespace prism::sheet::test
