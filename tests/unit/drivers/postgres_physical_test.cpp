#include <algorithm>
#include <cstring>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <prism/base/sha256.hpp>
#include <prism/drivers/postgres/physical/backup_manifest.hpp>
#include <prism/drivers/postgres/physical/incremental_file.hpp>
#include <prism/drivers/postgres/physical/recovery.hpp>
#include <prism/drivers/postgres/physical/replication.hpp>
#include <prism/drivers/postgres/physical/tar_push.hpp>

#include "support/tar.hpp"
#include "support/text_stream.hpp"
#include "support/thrown.hpp"

namespace prism::postgres {
namespace {

// ---- archives
// ------------------------------------------------------------------------------------

/// Writes down what comes.
class Notes : public BackupFiles {
 public:
  void begin(const BackupEntry& entry) override {
    constexpr std::string_view kKinds = "fdl";
    text += fmt::format("{}:{}:{:o}:{}:{}:{}(", kKinds[static_cast<std::size_t>(entry.kind)],
                        entry.path, entry.mode, entry.size, entry.modified, entry.target);
  }
  void data(std::string_view bytes) override { text += bytes; }
  void end() override { text += ")"; }
  void manifest(std::string_view) override {}

  std::string text;
};

struct Header {
  std::string name;
  char type = '0';
  std::string size = "00000000000 ";
  std::string target = {}, prefix = {};
};

std::string header_of(const Header& header) {
  std::string block(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) {
    std::copy(text.begin(), text.end(), block.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(0, header.name);
  put(100, "0000600 ");
  put(124, header.size);
  put(136, "14000000000 ");
  block[156] = header.type;
  put(157, header.target);
  put(257, "ustar");
  put(263, "00");
  put(345, header.prefix);
  return test::with_tar_checksums(block);
}

std::string file_of(const std::string& name, const std::string& content) {
  std::string bytes =
      header_of({.name = name, .size = fmt::format("{:011o} ", content.size())}) + content;
  bytes.resize((bytes.size() + 511) / 512 * 512);
  return bytes;
}

const std::string kEnd(1024, '\0');

std::string read_in_pieces(const std::string& archive, std::size_t piece) {
  Notes notes;
  TarPush tar("", notes);
  for (std::size_t at = 0; at < archive.size(); at += piece) {
    tar.add(std::string_view(archive).substr(at, piece));
  }
  tar.finish();
  return notes.text;
}

void check_refused(const std::string& archive, std::string_view words) {
  CAPTURE(words);
  const auto thrown = test::thrown_by([&] { read_in_pieces(archive, 100000); });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK_MESSAGE(thrown.says(words), thrown.message);
}

}  // namespace

TEST_CASE("archive of a base backup: comes the same in pieces of any size") {
  const std::string archive = file_of("a/b", "hello") + file_of("empty", "") +
                              header_of({.name = "a/", .type = '5'}) +
                              header_of({.name = "pg_tblspc/7/", .type = '2', .target = "/t"}) +
                              file_of("block", std::string(512, 'x')) + kEnd;
  const std::string expected =
      "f:a/b:600:5:1610612736:(hello)f:empty:600:0:1610612736:()d:a:600:0:1610612736:()"
      "l:pg_tblspc/7:600:0:1610612736:/t()f:block:600:512:1610612736:(" +
      std::string(512, 'x') + ")";
  for (const std::size_t piece : {1U, 7U, 511U, 512U, 513U, 100000U}) {
    CAPTURE(piece);
    CHECK(read_in_pieces(archive, piece) == expected);
  }
}

TEST_CASE("archive of a base backup: a size of 9 GiB is of base 256, a long name has a prefix") {
  std::string size(12, '\0');
  size[0] = '\x80';
  size[7] = 2, size[8] = 0x40;  // 0x2_4000_0000
  Notes notes;
  TarPush tar("pg_tblspc/9/", notes);
  tar.add(header_of({.name = "name", .size = size, .prefix = "far/away"}));
  CHECK(notes.text == "f:pg_tblspc/9/far/away/name:600:9663676416:1610612736:(");
  CHECK_THROWS_AS(tar.finish(), Error);
}

TEST_CASE(
    "archive of a base backup: what leads out of the folder, and what is damaged, is refused") {
  for (const char* const name : {"../x", "a/../../x", "/etc/passwd", "a//b", "..", "", "/"}) {
    check_refused(file_of(name, "x") + kEnd, "no path in a data folder");
  }
  std::string wrong = file_of("a", "x") + kEnd;
  wrong[0] = 'b';
  check_refused(wrong, "checksum");
  check_refused(header_of({.name = "a", .type = '1', .target = "b"}) + kEnd, "another kind");
  check_refused(header_of({.name = "a", .type = 'x'}) + kEnd, "another kind");
  check_refused(header_of({.name = "a", .size = "0000000000z "}) + kEnd, "a number was expected");
  check_refused(header_of({.name = "a", .size = std::string(12, '\xFF')}) + kEnd, "too large");
  check_refused(file_of("a", "x"), "too early");
  check_refused((file_of("a", "x") + kEnd).substr(0, 700), "too early");
  check_refused(file_of("a", "x") + kEnd + file_of("b", "x"), "something follows");
}

// ---- the manifest
// --------------------------------------------------------------------------------

namespace {

std::string manifest_of(const std::string& files, const std::string& version = "1,\n") {
  std::string text = "{ \"PostgreSQL-Backup-Manifest-Version\": " + version + "\"Files\": [\n" +
                     files + "\n],\n\"WAL-Ranges\": [\n{ \"Timeline\": 1, \"Start-LSN\": " +
                     "\"0/2000028\", \"End-LSN\": \"0/2000100\" }\n],\n";
  return text + "\"Manifest-Checksum\": \"" + sha256_hex(text) + "\"}\n";
}

std::vector<ManifestFile> read(const std::string& manifest) {
  std::vector<ManifestFile> files;
  test::TextSource text(manifest, 13);
  read_backup_manifest(text, [&](const ManifestFile& file) { files.push_back(file); });
  return files;
}

const std::string kFile =
    R"({ "Path": "base/1/112", "Size": 8192, "Last-Modified": "2026-11-30 05:00:00 GMT", )"
    R"("Checksum-Algorithm": "CRC32C", "Checksum": "839206e3" })";

void check_manifest_refused(const std::string& manifest, std::string_view words) {
  CAPTURE(words);
  const auto thrown = test::thrown_by([&] { read(manifest); });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK_MESSAGE(thrown.says(words), thrown.message);
}

}  // namespace

TEST_CASE("backup manifest: files of both versions, with odd names and without checksums") {
  const std::string encoded =
      R"({ "Encoded-Path": "6261ff2f", "Size": 0, "Last-Modified": "2026-11-30 05:00:00 GMT" })";
  for (const char* const version : {"1,\n", "2,\n\"System-Identifier\": 7578932461287453,\n"}) {
    const auto files = read(manifest_of(kFile + ",\n" + encoded, version));
    REQUIRE(files.size() == 2);
    CHECK(files[0].path == "base/1/112");
    CHECK(files[0].size == 8192);
    CHECK(files[0].crc32c == 0xE3069283U);
    CHECK(files[1].path == "ba\xFF/");
    CHECK_FALSE(files[1].crc32c);
  }
  CHECK(read(manifest_of("")).empty());
}

TEST_CASE("backup manifest: what is changed, cut off or of another kind is refused") {
  const std::string whole = manifest_of(kFile);
  std::string changed = whole;
  changed[changed.find("8192")] = '9';
  check_manifest_refused(changed, "SHA-256");
  check_manifest_refused(whole.substr(0, whole.size() / 2), "");
  check_manifest_refused(whole.substr(0, whole.find("\"Manifest-Checksum")), "cut off");
  check_manifest_refused(whole + "x\n", "follows its end");
  check_manifest_refused("", "cut off");
  check_manifest_refused("{}\n", "expected version 1 or 2, found '{}'");
  check_manifest_refused(manifest_of(kFile, "3,\n"), "expected version 1 or 2");
  std::string other = kFile;
  other.replace(other.find("CRC32C"), 6, "SHA256");
  check_manifest_refused(manifest_of(other), "another kind: \"SHA256\"");
  check_manifest_refused(manifest_of("{ \"Path\": \"a\" }"), "Size");
  check_manifest_refused(manifest_of(R"({ "Path": "a", "Size": -1 })"), "a size is none");
  check_manifest_refused(manifest_of(R"({ "Encoded-Path": "6", "Size": 1 })"), "hexadecimal");
  check_manifest_refused(manifest_of("{ \"Path\": \xFF }"), "no file: '{ \"Path\": ");
  check_manifest_refused(manifest_of("7"), "no file: '7'");
  check_manifest_refused(manifest_of(std::string(70000, ' ')), "too long");
}

TEST_CASE("CRC-32C: of known texts, in pieces of any size") {
  Crc32c known;
  CHECK(known.value() == 0);
  known.add("123456789");
  CHECK(known.value() == 0xE3069283U);
  Crc32c zeros;
  zeros.add(std::string(32, '\0'));
  CHECK(zeros.value() == 0x8A9136AAU);  // RFC 3720, B.4
  std::string text;
  for (int i = 0; i < 10000; ++i) text += static_cast<char>(i * 7);
  Crc32c whole, pieces;
  whole.add(text);
  for (std::size_t at = 0, size = 1; at < text.size(); at += size, size = size * 3 % 601) {
    pieces.add(std::string_view(text).substr(at, size));
  }
  CHECK(whole.value() == pieces.value());
}

// ---- files of changed pages
// ----------------------------------------------------------------------

namespace {

std::string incremental(std::uint32_t magic, std::uint32_t count, std::uint32_t truncation,
                        const std::vector<std::uint32_t>& blocks) {
  std::vector<std::uint32_t> numbers{magic, count, truncation};
  numbers.insert(numbers.end(), blocks.begin(), blocks.end());
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(std::uint32_t)};
}

constexpr std::uint32_t kMagic = 0xD3AE1F0DU;

void check_head_refused(const std::string& bytes) {
  const auto thrown = test::thrown_by([&] {
    std::string whole = bytes;
    whole.resize(8192);
    IncrementalHeadReader().add(whole);
  });
  CHECK(thrown.code == ErrorCode::bad_data);
}

}  // namespace

TEST_CASE("file of changed pages: its head comes in pieces of any size, and its padding with it") {
  std::string bytes = incremental(kMagic, 3, 12, {0, 5, 131071});
  bytes.resize(8192);
  bytes += "PAGE";
  for (const std::size_t piece : {1U, 11U, 12U, 13U, 8191U, 8192U, 100000U}) {
    CAPTURE(piece);
    IncrementalHeadReader reader;
    std::size_t used = 0;
    for (std::size_t at = 0; at < bytes.size() && !reader.complete(); at += piece) {
      used += reader.add(std::string_view(bytes).substr(at, piece));
    }
    CHECK(used == 8192);
    REQUIRE(reader.complete());
    CHECK(reader.head().truncation_blocks == 12);
    CHECK(reader.head().blocks == std::vector<std::uint32_t>{0, 5, 131071});
    CHECK(reader.head().bytes == 8192);
  }
}

TEST_CASE("file of changed pages: without any there is no padding; 2,045 fill a page") {
  IncrementalHeadReader none;
  CHECK(none.add(incremental(kMagic, 0, 4, {}) + "x") == 12);
  CHECK(none.complete());
  CHECK(none.head().bytes == 12);
  std::vector<std::uint32_t> blocks(2045);
  for (std::uint32_t i = 0; i < blocks.size(); ++i) blocks[i] = i;
  IncrementalHeadReader full;
  CHECK(full.add(incremental(kMagic, 2045, 4, blocks) + "x") == 8192);
  CHECK(full.complete());
  CHECK(full.head().bytes == 8192);
}

TEST_CASE("file of changed pages: what is none is refused") {
  check_head_refused(incremental(kMagic + 1, 1, 1, {0}));
  check_head_refused(incremental(kMagic, 131073, 1, {0}));
  check_head_refused(incremental(kMagic, 2, 1, {5, 5}));
  check_head_refused(incremental(kMagic, 2, 1, {5, 4}));
  check_head_refused(incremental(kMagic, 1, 1, {131072}));
}

TEST_CASE("label of a copy: of changed pages it says no more that it is of these alone") {
  const std::string begin = "START WAL LOCATION: 0/9000028 (file 000000010000000000000009)\n";
  const std::string end = "LABEL: INCREMENTAL FROM here\nSTART TIMELINE: 1\n";
  CHECK(
      label_of_whole(begin + end + "INCREMENTAL FROM LSN: 0/2000028\nINCREMENTAL FROM TLI: 1\n") ==
      begin + end);
  CHECK(label_of_whole(begin + end) == begin + end);
  CHECK(label_of_whole("") == "");
}

// ---- places in the WAL
// ---------------------------------------------------------------------------

TEST_CASE("place in the WAL: its text and back") {
  CHECK(lsn_text(0x16B3A7F8) == "0/16B3A7F8");
  CHECK(lsn_text(0x1'06B3'A7F8) == "1/6B3A7F8");
  CHECK(parse_lsn("1/6B3A7F8") == 0x1'06B3'A7F8U);
  CHECK(parse_lsn("ffffffff/FFFFFFFF") == ~std::uint64_t{0});
  for (const char* const text :
       {"", "/", "1", "1/", "/1", "1/1/1", " 1/1", "1/1 ", "-1/1", "1/g", "100000000/0"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_lsn(text));
  }
}

}  // namespace prism::postgres
