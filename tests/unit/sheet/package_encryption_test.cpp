#include <prism/sheet/damage.hpp>
#include <prism/sheet/package_encryption.hpp>

#include "sheet_support.hpp"
#include "support/memory_source.hpp"
#include "xls_builder.hpp"

namespace prism::sheet::test {
namespace {

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

/// Standard encryption of `the zip archive` under Excel's own password, made apart from our code
/// from [MS-OFFCRYPTO] sections 2.3.4.5 to 2.3.4.9, with Python's `cryptography`.
const std::string kStandardInfo = from_hex(
    "03000200240000002400000024000000000000000e66000004800000800000001800000000000000"
    "000000007800000010000000000102030405060708090a0b0c0d0e0fc9c388ad490e94704544db5b"
    "b838b6ee14000000be5b1399420b30a6bd10f8474fc01c60b4ea54ab54faf94e4e62a270c21bb933");
const std::string kStandardPackage = from_hex("0f00000000000000e4ae5f422ea16b9f4226ebeefc642113");

Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

std::unique_ptr<ByteSource> source_of(const std::string& info, const std::string& package) {
  return std::make_unique<MemorySource>(
      compound_file({{"EncryptionInfo", info}, {"EncryptedPackage", package}}));
}

std::string damage_in(const std::string& info) {
  auto file = source_of(info, kStandardPackage);
  try {
    decrypt_package(file);
  } catch (const Damage& damage) {
    return damage.what();
  }
  FAIL_CHECK("expected Damage");
  return {};
}

/// Agile encryption with these attributes.
std::string agile_info(const std::string& attributes) {
  return le16(4) + le16(4) + le32(0x40) +
         "<encryption xmlns='http://schemas.microsoft.com/office/2006/encryption' "
         "xmlns:p='http://schemas.microsoft.com/office/2006/keyEncryptor/password'>"
         "<p:encryptedKey " +
         attributes + "/></encryption>";
}

}  // namespace

TEST_CASE("sheet: an .xlsx under the password that Excel tries by itself is opened") {
  CHECK(lines_of(fixture("openpyxl-protected.xlsx")) == lines_of(fixture("openpyxl.xlsx")));
}

TEST_CASE("sheet: standard encryption is decrypted wherever it is read") {
  auto file = source_of(kStandardInfo, kStandardPackage);
  const auto package = decrypt_package(file);
  REQUIRE(package);
  CHECK(package->size() == 15);
  std::array<unsigned char, 20> out;
  CHECK(package->read(0, out) == 15);
  CHECK(std::string(out.begin(), out.begin() + 15) == "the zip archive");
  CHECK(package->read(8, out) == 7);
  CHECK(std::string(out.begin(), out.begin() + 7) == "archive");
  CHECK(package->read(15, out) == 0);
}

TEST_CASE("sheet: a compound file without a package is left alone") {
  auto file = std::unique_ptr<ByteSource>(
      std::make_unique<MemorySource>(compound_file({{"Workbook", "text"}})));
  CHECK_FALSE(decrypt_package(file));
  CHECK(file);
}

TEST_CASE("sheet: another password, and what is no encryption that is known, is refused") {
  CHECK_FALSE(find_package_key(bytes_of(kStandardInfo), u"velvetsweatshop"));
  std::string other = kStandardInfo;
  other.back() = 'x';
  CHECK(damage_in(other) == "encrypted: the workbook is protected by a password");
  CHECK(damage_in(le16(5) + le16(9) + le32(0)) ==
        "encrypted in version 5.9, expected 2.2 to 4.2 or 4.4");
  CHECK(holds(damage_in(""), "expected at least"));
  CHECK(damage_in(le16(4) + le16(4)) == "found 4 bytes, expected at least 8");
  CHECK(holds(damage_in(kStandardInfo.substr(0, 80)), "expected at least"));
  std::string key_size = kStandardInfo;
  overwrite(key_size, 28, le32(56));
  CHECK(damage_in(key_size) == "encrypted with a key of 56 bits, expected 128, 192 or 256");
}

TEST_CASE("sheet: agile encryption that makes no sense, or would take for ever, is refused") {
  const std::string aes = "cipherAlgorithm='AES' cipherChaining='ChainingModeCBC' ";
  CHECK(damage_in(agile_info("cipherAlgorithm='RC2' cipherChaining='ChainingModeCBC'")) ==
        "encrypted with 'RC2 ChainingModeCBC', expected AES with cipher block chaining");
  CHECK(damage_in(agile_info(aes + "keyBits='256' spinCount='4000000000'")) ==
        "encrypted with 4000000000 rounds, expected at most 1000000");
  CHECK(damage_in(agile_info(aes + "keyBits='256' hashAlgorithm='MD2'")) ==
        "encrypted with the digest 'MD2', expected SHA1 to SHA512");
  CHECK(damage_in(agile_info(aes + "hashAlgorithm='SHA512' keyBits='99999999'")) ==
        "encrypted with a key of 99999992 bits, expected 128, 192 or 256");
  CHECK(damage_in(agile_info(aes + "keyBits='128' saltValue='?'")) ==
        "encrypted, and the description of how is damaged");
}

}  // namespace prism::sheet::test
