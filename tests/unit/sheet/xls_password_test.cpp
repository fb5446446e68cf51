#include <prism/sheet/rc4.hpp>

#include "sheet_support.hpp"
#include "xls_builder.hpp"
#include "xls_encryptor.hpp"

namespace prism::sheet::test {
namespace {

using Lines = std::vector<std::string>;

/// A workbook of several blocks of 1024 bytes, with records that are not encrypted among others.
std::string encrypted_file(const Encryptor& how) {
  std::string sst = le32(40) + le32(40);
  for (unsigned i = 0; i < 40; ++i) sst += compressed("shared string " + std::to_string(i));
  const std::string globals = how.file_pass + record(0x00E1, le16(1200)) + record(0x00FC, sst);
  std::string first;
  for (unsigned i = 0; i < 40; ++i) {
    first += record(0x00FD, cell(i, 0) + le32(39 - i)) + record(0x0203, cell(i, 1) + le_double(i)) +
             record(0x0204, cell(i, 2) + compressed(std::string(i * 3, 'x')));
  }
  const std::string second = record(0x0204, cell(0, 0) + wide(u"\u0416"));
  return compound_file(
      {{"Workbook", how.encrypted(workbook_stream(globals, {{"First", first}, {"Two", second}}))}});
}

void check_opened(const Encryptor& how) {
  const TemporaryFile file("book.xls", encrypted_file(how));
  const auto book = open_workbook(file.path());
  REQUIRE(book->sheets().size() == 2);
  CHECK(book->sheets()[1].name == "Two");
  // Two readers at once, each of which needs a cipher of its own.
  const auto rows = book->rows(0);
  Row row;
  REQUIRE(rows->next(row));
  CHECK(lines_of(*book->rows(1)) == Lines{"1: A=\"\u0416\""});
  const Lines lines = lines_of(*rows);
  REQUIRE(lines.size() == 39);
  CHECK(lines[0] == "2: A=\"shared string 38\" B=1 C=\"xxx\"");
  CHECK(lines[38] == "40: A=\"shared string 0\" B=39 C=\"" + std::string(117, 'x') + "\"");
}

std::string refusal(const std::string& content) {
  const TemporaryFile file("book.xls", content);
  try {
    open_workbook(file.path());
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::bad_data);
    CHECK(error.hint() == "save the workbook without a password");
    return error.what();
  }
  return "opened";
}

/// What a workbook with a FILEPASS record of that data is refused with.
std::string refusal_of(const std::string& file_pass) {
  return refusal(compound_file({{"Workbook", workbook_stream(file_pass, {{"S", ""}})}}));
}

std::string changed(std::string text, std::size_t at) {
  text[at] = static_cast<char>(text[at] ^ 1);
  return text;
}

}  // namespace

TEST_CASE("sheet: RC4 gives the known key streams") {
  const std::string key = "Key";
  std::string text = "Plaintext";
  Rc4 cipher(Bytes(reinterpret_cast<const unsigned char*>(key.data()), key.size()));
  cipher.apply({reinterpret_cast<unsigned char*>(text.data()), text.size()});
  CHECK(text == "\xBB\xF3\x16\xE8\xD9\x40\xAF\x0A\xD3");
}

TEST_CASE("sheet: xls whose password Excel knows is opened") {
  SUBCASE("XOR obfuscation") { check_opened(xor_encryptor()); }
  SUBCASE("RC4") { check_opened(rc4_encryptor()); }
  SUBCASE("RC4 CryptoAPI, 128 bits") { check_opened(crypto_api_encryptor()); }
  SUBCASE("RC4 CryptoAPI, 56 bits") { check_opened(crypto_api_encryptor(kDefaultPassword, 56)); }
  SUBCASE("RC4 CryptoAPI, 40 bits") { check_opened(crypto_api_encryptor(kDefaultPassword, 40)); }
  SUBCASE("RC4 CryptoAPI, 40 bits unsaid") {
    check_opened(crypto_api_encryptor(kDefaultPassword, 0));
  }
}

TEST_CASE("sheet: xls of BIFF5 and of BIFF3 whose password Excel knows is opened") {
  const Encryptor how = xor_encryptor(false);
  const std::string text = record(0x0204, cell(0, 0) + long_bytes("caf\xE9"));
  const TemporaryFile five(
      "book.xls",
      compound_file(
          {{"Book", how.encrypted(workbook_stream(how.file_pass, {{"Five", text}}, 0x0500))}}));
  CHECK(open_workbook(five.path())->sheets()[0].name == "Five");
  CHECK(lines_of(five.path()) == Lines{"1: A=\"caf\u00E9\""});
  std::string stream = how.encrypted(bof(0x0010, 0x0300) + how.file_pass + text + eof());
  overwrite(stream, 0, le16(0x0209));
  const TemporaryFile three("book.xls", stream);
  CHECK(lines_of(three.path()) == Lines{"1: A=\"caf\u00E9\""});
}

TEST_CASE("sheet: xls workbook of BIFF4: one password for all sheets, or none") {
  const Encryptor how = xor_encryptor(false);
  const auto book = [&](const std::string& of_book, const std::string& of_sheet) {
    const std::string sheet =
        bof(0x0010, 0x0400) + of_sheet + record(0x0203, cell(0, 0) + le_double(4)) + eof();
    return bof(0x0100, 0x0400) + of_book + record(0x008F, le32(0) + le8(1) + "S") + sheet + eof();
  };
  const TemporaryFile file("book.xlw", how.encrypted(book(how.file_pass, "")));
  CHECK(lines_of(file.path()) == Lines{"1: A=4"});
  CHECK(holds(refusal(book("", how.file_pass)), "encrypted: a single sheet is protected"));
}

TEST_CASE("sheet: xls with another password is refused, with what helps") {
  const std::string expected = "book.xls: encrypted: the workbook is protected by a password";
  CHECK(holds(refusal(encrypted_file(rc4_encryptor(u"other"))), expected));
  CHECK(holds(refusal(encrypted_file(crypto_api_encryptor(u"other"))), expected));
  CHECK(holds(refusal_of(record(0x002F, le16(0) + le16(0xB359) + le16(1))), expected));
  CHECK(holds(refusal_of(record(0x002F, le16(0) + le16(1) + le16(0x9A0A))), expected));
  CHECK(holds(refusal_of(changed(rc4_encryptor().file_pass, 4 + 6 + 40)), expected));
  CHECK(holds(refusal(compound_file({{"EncryptedPackage", "x"}})), expected));
}

TEST_CASE("sheet: xls encrypted in an unknown way is refused") {
  CHECK(holds(refusal_of(record(0x002F, le16(7))),
              "protected by a password, with a FILEPASS record of kind 7, expected"));
  CHECK(holds(refusal_of(record(0x002F, le16(1) + le16(9) + le16(3))),
              "with encryption of version 9.3, expected XOR obfuscation or RC4"));
  std::string aes = crypto_api_encryptor().file_pass;
  overwrite(aes, 4 + 14 + 8, le32(0x660E));
  CHECK(holds(refusal_of(aes), "with algorithm 26126 with hash 32772"));
  CHECK(holds(refusal_of(crypto_api_encryptor(kDefaultPassword, 136).file_pass),
              "with a key of 136 bits"));
}

TEST_CASE("sheet: xls whose FILEPASS record is damaged") {
  const auto damage = [](const std::string& file_pass) {
    const TemporaryFile file(
        "book.xls", compound_file({{"Workbook", workbook_stream(file_pass, {{"S", ""}})}}));
    return damage_of([&] { open_workbook(file.path()); });
  };
  CHECK(holds(damage(record(0x002F, "")), "record of type 47 at offset 20: found 0 bytes"));
  CHECK(holds(damage(record(0x002F, le16(1) + le16(1) + le16(1) + "short")), "found 5 bytes"));
  std::string long_header = crypto_api_encryptor().file_pass;
  overwrite(long_header, 4 + 10, le32(0xFFFFFFF0));
  CHECK(holds(damage(long_header), "expected at least 4294967288"));
}

TEST_CASE("sheet: xls with a FILEPASS record of no password is not encrypted") {
  const std::string stream = workbook_stream(record(0x002F, le16(0) + le16(0) + le16(0)),
                                             {{"S", record(0x0203, cell(0, 0) + le_double(4))}});
  const TemporaryFile file("book.xls", compound_file({{"Workbook", stream}}));
  CHECK(lines_of(file.path()) == Lines{"1: A=4"});
}

}  // namespace prism::sheet::test
