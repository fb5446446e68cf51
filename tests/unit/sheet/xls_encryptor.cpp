#include "xls_encryptor.hpp"

#include <array>
#include <set>

#include <openssl/evp.h>

#include <prism/sheet/rc4.hpp>

#include "xls_builder.hpp"

namespace prism::sheet::test {
namespace {

constexpr std::size_t kBlock = 1024;
constexpr unsigned kFilePass = 0x002F;
constexpr unsigned kBoundSheet = 0x0085;
/// BOF, FILEPASS, INTERFACEHDR, RRDHEAD, USREXCL, FILELOCK, RRDINFO
const std::set<unsigned> kPlain{0x0809, kFilePass, 0x00E1, 0x0138, 0x0194, 0x0195, 0x0196};

std::string digest(const EVP_MD* kind, const std::string& data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  EVP_Digest(data.data(), data.size(), out.data(), &size, kind, nullptr);
  return {out.begin(), out.begin() + size};
}

std::string rc4(const std::string& key, std::string data, std::size_t skipped = 0) {
  Rc4 cipher(Bytes(reinterpret_cast<const unsigned char*>(key.data()), key.size()));
  cipher.skip(skipped);
  cipher.apply({reinterpret_cast<unsigned char*>(data.data()), data.size()});
  return data;
}

unsigned u16_at(const std::string& data, std::size_t at) {
  return static_cast<unsigned char>(data[at]) | static_cast<unsigned char>(data[at + 1]) << 8;
}

/// The obfuscation array of [MS-OFFCRYPTO] section 2.3.7.2 for VelvetSweatshop, computed by hand.
constexpr std::array<unsigned char, 16> kXorArray{0x87, 0x6B, 0x9A, 0xE2, 0x1E, 0xE3, 0x05, 0x62,
                                                  0x1E, 0x69, 0x96, 0x60, 0x98, 0x6E, 0x94, 0x04};

void obfuscate(std::string& stream, std::size_t begin, std::size_t size, std::size_t plain) {
  for (std::size_t i = plain; i < size; ++i) {
    const unsigned byte = static_cast<unsigned char>(stream[begin + i]);
    const unsigned rotated = (byte << 5 | byte >> 3) & 0xFF;
    stream[begin + i] = static_cast<char>(rotated ^ kXorArray[(begin + size + i) % 16]);
  }
}

/// Byte by byte: slow, but nothing can go wrong at the borders of blocks.
void encrypt(std::string& stream, std::size_t begin, std::size_t end, const Encryptor& how) {
  for (std::size_t at = begin; at < end; ++at) {
    const std::string key = how.key(static_cast<std::uint32_t>(at / kBlock));
    stream[at] = rc4(key, std::string(1, stream[at]), at % kBlock)[0];
  }
}

std::string salt() { return "0123456789abcdef"; }

/// Verifier and its hash, encrypted with the key of block 0.
std::string verifier(const Encryptor& how, const EVP_MD* kind) {
  const std::string random = "sixteen bytes ..";
  return rc4(how.key(0), random + digest(kind, random));
}

}  // namespace

std::string Encryptor::encrypted(std::string stream) const {
  bool begun = false;
  for (std::size_t at = 0; at + 4 <= stream.size();) {
    const unsigned type = u16_at(stream, at);
    const std::size_t size = u16_at(stream, at + 2);
    const std::size_t data = at + 4;
    at = data + size;
    begun = begun || type == kFilePass;
    if (!begun || kPlain.contains(type)) continue;
    const std::size_t plain = type == kBoundSheet ? 4 : 0;
    if (key) {
      encrypt(stream, data + plain, at, *this);
    } else {
      obfuscate(stream, data, size, plain);
    }
  }
  return stream;
}

Encryptor xor_encryptor(bool biff8) {
  return {record(kFilePass, (biff8 ? le16(0) : "") + le16(0xB359) + le16(0x9A0A)), {}};
}

/// [MS-OFFCRYPTO] sections 2.3.6.1 and 2.3.6.2
Encryptor rc4_encryptor(const std::u16string& password) {
  std::string salted;
  for (int i = 0; i < 16; ++i) salted += digest(EVP_md5(), utf16(password)).substr(0, 5) + salt();
  const std::string base = digest(EVP_md5(), salted).substr(0, 5);
  Encryptor how;
  how.key = [base](std::uint32_t block) { return digest(EVP_md5(), base + le32(block)); };
  how.file_pass =
      record(kFilePass, le16(1) + le16(1) + le16(1) + salt() + verifier(how, EVP_md5()));
  return how;
}

/// [MS-OFFCRYPTO] sections 2.3.5.1 and 2.3.5.2
Encryptor crypto_api_encryptor(const std::u16string& password, unsigned bits) {
  const std::string base = digest(EVP_sha1(), salt() + utf16(password));
  const std::size_t size = bits == 0 ? 5 : bits / 8;
  Encryptor how;
  how.key = [base, size](std::uint32_t block) {
    std::string key = digest(EVP_sha1(), base + le32(block)).substr(0, size);
    if (size == 5) key.resize(16);
    return key;
  };
  const std::string header = le32(4) + le32(0) + le32(0x6801) + le32(0x8004) + le32(bits) +
                             le32(1) + le32(0) + le32(0) + utf16(u"Provider") + le16(0);
  how.file_pass =
      record(kFilePass, le16(1) + le16(2) + le16(2) + le32(4) +
                            le32(static_cast<std::uint32_t>(header.size())) + header + le32(16) +
                            salt() + verifier(how, EVP_sha1()).insert(16, le32(20)));
  return how;
}

}  // namespace prism::sheet::test
