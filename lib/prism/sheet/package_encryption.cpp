#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <prism/base/text.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/package_encryption.hpp>
#include <prism/sheet/xml_bytes.hpp>
#include <prism/sheet/xml_tokenizer.hpp>

namespace prism::sheet {
namespace {

constexpr std::size_t kBlock = 16;  ///< of AES
constexpr std::size_t kSegment = 4096;
/// Excel writes 100,000; a hostile file could keep us busy for hours.
constexpr std::uint32_t kMostRounds = 1'000'000;

enum class Chaining : std::uint8_t { ecb, cbc };

// ---- OpenSSL ------------------------------------------------------------------------------------

ByteVector operator+(ByteVector a, Bytes b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

ByteVector le32(std::uint32_t value) {
  ByteVector bytes(4);
  for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<unsigned char>(value >> 8 * i);
  return bytes;
}

ByteVector digest(const std::string& hash, Bytes data) {
  constexpr std::array<std::string_view, 4> kKnown{"SHA1", "SHA256", "SHA384", "SHA512"};
  if (std::find(kKnown.begin(), kKnown.end(), hash) == kKnown.end()) {
    throw Damage("encrypted with the digest " + in_quotes(hash) + ", expected SHA1 to SHA512");
  }
  ByteVector out(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  if (EVP_Digest(data.data(), data.size(), out.data(), &size, EVP_get_digestbyname(hash.c_str()),
                 nullptr) != 1) {
    throw Damage("encrypted, and the digest " + hash + " is not to be had here");
  }
  out.resize(size);
  return out;
}

const EVP_CIPHER* aes(std::size_t key_size, Chaining chaining) {
  const bool cbc = chaining == Chaining::cbc;
  switch (key_size) {
    case 16:
      return cbc ? EVP_aes_128_cbc() : EVP_aes_128_ecb();
    case 24:
      return cbc ? EVP_aes_192_cbc() : EVP_aes_192_ecb();
    case 32:
      return cbc ? EVP_aes_256_cbc() : EVP_aes_256_ecb();
    default:
      throw Damage("encrypted with a key of " + std::to_string(8 * key_size) +
                   " bits, expected 128, 192 or 256");
  }
}

/// Whole blocks, without padding.
ByteVector decrypt(Bytes data, Bytes key, Chaining chaining, ByteVector vector) {
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  };
  const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
  vector.resize(kBlock, 0x36);
  ByteVector out(data.size() + kBlock);
  int size = 0;
  const bool done = context &&
                    EVP_DecryptInit_ex(context.get(), aes(key.size(), chaining), nullptr,
                                       key.data(), vector.data()) == 1 &&
                    EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
                    EVP_DecryptUpdate(context.get(), out.data(), &size, data.data(),
                                      static_cast<int>(data.size())) == 1;
  if (!done) throw Damage("encrypted, and AES is not to be had here");
  out.resize(static_cast<std::size_t>(size));
  return out;
}

bool same(const ByteVector& a, const ByteVector& b, std::size_t size) {
  return a.size() >= size && b.size() >= size && CRYPTO_memcmp(a.data(), b.data(), size) == 0;
}

// ---- from password to key -----------------------------------------------------------------------

/// [MS-OFFCRYPTO] sections 2.3.4.7 and 2.3.4.11: the digest of salt and password, over and over.
ByteVector spun_hash(const std::string& hash, Bytes salt, std::u16string_view password,
                     std::uint32_t rounds) {
  ByteVector start(salt.begin(), salt.end());
  for (const char16_t unit : password) {
    start.push_back(static_cast<unsigned char>(unit & 0xFF));
    start.push_back(static_cast<unsigned char>(unit >> 8));
  }
  ByteVector spun = digest(hash, start);
  for (std::uint32_t i = 0; i < rounds; ++i) spun = digest(hash, le32(i) + spun);
  return spun;
}

/// [MS-OFFCRYPTO] section 2.3.4.7
ByteVector standard_key(const ByteVector& spun, std::size_t size) {
  const ByteVector last = digest("SHA1", ByteVector(spun) + le32(0));
  const auto half = [&last](unsigned char pad) {
    ByteVector padded(64, pad);
    for (std::size_t i = 0; i < last.size(); ++i) padded[i] ^= last[i];
    return digest("SHA1", padded);
  };
  ByteVector key = half(0x36) + half(0x5C);
  key.resize(std::min(size, key.size()));
  return key;
}

/// [MS-OFFCRYPTO] sections 2.3.3, 2.3.4.5 and 2.3.4.9
std::optional<PackageKey> find_standard_key(Bytes info, std::u16string_view password) {
  constexpr std::uint32_t kRounds = 50000;
  const std::size_t header = 12;
  const std::size_t verifier = header + read_u32(info, 8);
  const std::uint32_t key_bits = read_u32(info, header + 16);
  require(info, verifier, 72);
  const Bytes salt = info.subspan(verifier + 4, 16);
  PackageKey found;
  found.key = standard_key(spun_hash("SHA1", salt, password, kRounds), key_bits / 8);
  const auto decrypted = [&](std::size_t at, std::size_t size) {
    return decrypt(info.subspan(verifier + at, size), found.key, Chaining::ecb, {});
  };
  const ByteVector expected = digest("SHA1", decrypted(20, 16));
  if (!same(expected, decrypted(40, 32), expected.size())) return std::nullopt;
  return found;
}

/// What agile encryption says of itself, in XML ([MS-OFFCRYPTO] section 2.3.4.10).
struct AgileInfo {
  struct Cipher {
    std::string hash;
    std::size_t key_size = 0;
    ByteVector salt;
  };

  Cipher data;
  Cipher password;
  std::uint32_t rounds = 0;
  ByteVector verifier_input;
  ByteVector verifier_hash;
  ByteVector key;
};

ByteVector from_base64(std::string_view text) {
  ByteVector out(text.size() / 4 * 3 + 3);
  const int size = EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  const auto padding = static_cast<std::size_t>(std::count(text.begin(), text.end(), '='));
  if (size < 0 || static_cast<std::size_t>(size) < padding) {
    throw Damage("encrypted, and the description of how is damaged");
  }
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

std::uint32_t number_of(std::string_view text) {
  std::uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

AgileInfo::Cipher cipher_of(const XmlTokenizer& xml) {
  const std::string chaining(xml.attribute_or_empty("cipherChaining"));
  const std::string algorithm(xml.attribute_or_empty("cipherAlgorithm"));
  if (algorithm != "AES" || chaining != "ChainingModeCBC") {
    throw Damage("encrypted with " + in_quotes(algorithm + " " + chaining) +
                 ", expected AES with cipher block chaining");
  }
  const std::size_t key_size = number_of(xml.attribute_or_empty("keyBits")) / 8;
  aes(key_size, Chaining::cbc);  // before anything is made that long
  return {std::string(xml.attribute_or_empty("hashAlgorithm")), key_size,
          from_base64(xml.attribute_or_empty("saltValue"))};
}

/// The stream, as bytes that are read once.
class InfoBytes : public ByteStream {
 public:
  explicit InfoBytes(Bytes rest) : rest_(rest) {}

  std::size_t read(std::span<char> out) override {
    const std::size_t count = std::min(out.size(), rest_.size());
    std::copy_n(rest_.begin(), count, out.begin());
    rest_ = rest_.subspan(count);
    return count;
  }

 private:
  Bytes rest_;
};

AgileInfo read_agile_info(Bytes text) {
  XmlBytes bytes(std::make_unique<InfoBytes>(text));
  XmlTokenizer xml(bytes);
  AgileInfo info;
  for (auto token = xml.next(); token != XmlTokenizer::Token::finished; token = xml.next()) {
    if (token != XmlTokenizer::Token::start) continue;
    if (xml.name() == "keyData") info.data = cipher_of(xml);
    if (xml.name() != "encryptedKey") continue;
    info.password = cipher_of(xml);
    info.rounds = number_of(xml.attribute_or_empty("spinCount"));
    info.verifier_input = from_base64(xml.attribute_or_empty("encryptedVerifierHashInput"));
    info.verifier_hash = from_base64(xml.attribute_or_empty("encryptedVerifierHashValue"));
    info.key = from_base64(xml.attribute_or_empty("encryptedKeyValue"));
  }
  if (info.rounds > kMostRounds) {
    throw Damage("encrypted with " + std::to_string(info.rounds) + " rounds, expected at most " +
                 std::to_string(kMostRounds));
  }
  return info;
}

/// [MS-OFFCRYPTO] sections 2.3.4.11 to 2.3.4.13
std::optional<PackageKey> find_agile_key(Bytes text, std::u16string_view password) {
  constexpr std::array<unsigned char, 8> kInput{0xFE, 0xA7, 0xD2, 0x76, 0x3B, 0x4B, 0x9E, 0x79};
  constexpr std::array<unsigned char, 8> kHash{0xD7, 0xAA, 0x0F, 0x6D, 0x30, 0x61, 0x34, 0x4E};
  constexpr std::array<unsigned char, 8> kKey{0x14, 0x6E, 0x0B, 0xE7, 0xAB, 0xAC, 0xD0, 0xD6};
  const AgileInfo info = read_agile_info(text);
  const auto& cipher = info.password;
  const ByteVector spun = spun_hash(cipher.hash, cipher.salt, password, info.rounds);
  const auto decrypted = [&](const ByteVector& data, Bytes purpose) {
    ByteVector key = digest(cipher.hash, ByteVector(spun) + purpose);
    key.resize(cipher.key_size, 0x36);
    return decrypt(data, key, Chaining::cbc, cipher.salt);
  };
  const ByteVector expected = digest(cipher.hash, decrypted(info.verifier_input, kInput));
  if (!same(expected, decrypted(info.verifier_hash, kHash), expected.size())) return std::nullopt;
  PackageKey found{decrypted(info.key, kKey), info.data.salt, info.data.hash, true};
  if (found.key.size() < info.data.key_size) throw Damage("encrypted, and its key is cut short");
  found.key.resize(info.data.key_size);
  return found;
}

}  // namespace

std::optional<PackageKey> find_package_key(Bytes info, std::u16string_view password) {
  const std::uint16_t major = read_u16(info, 0);
  const std::uint16_t minor = read_u16(info, 2);
  if (major == 4 && minor == 4) return find_agile_key(rest_of(info, 8), password);
  if (major >= 2 && major <= 4 && minor == 2) return find_standard_key(info, password);
  throw Damage("encrypted in version " + std::to_string(major) + "." + std::to_string(minor) +
               ", expected 2.2 to 4.2 or 4.4");
}

std::unique_ptr<ByteSource> decrypt_package(std::unique_ptr<ByteSource>& file) {
  constexpr std::size_t kMostInfo = 65536;
  const CompoundFile container(*file);
  auto package = container.stream("EncryptedPackage");
  const auto info = container.stream("EncryptionInfo");
  if (!package || !info) return nullptr;
  ByteVector description(kMostInfo);
  description.resize(info->read(0, description));
  auto key = find_package_key(description, u"VelvetSweatshop");
  if (!key) throw Encrypted();
  return std::make_unique<DecryptedPackage>(std::move(file), *std::move(package), *std::move(key));
}

DecryptedPackage::DecryptedPackage(std::unique_ptr<ByteSource> file, CfbStream stream,
                                   PackageKey key)
    : file_(std::move(file)), stream_(std::move(stream)), key_(std::move(key)) {
  std::array<unsigned char, 8> size;
  if (stream_.read(0, size) < size.size()) throw Damage("encrypted, and nothing is there");
  size_ = std::min(read_u64(size, 0), stream_.size() - size.size());
}

std::size_t DecryptedPackage::read(std::uint64_t offset, std::span<unsigned char> out) const {
  std::size_t done = 0;
  while (done < out.size() && offset + done < size_) {
    const std::uint64_t at = offset + done;
    const ByteVector plain = segment(at / kSegment);
    const auto skipped = static_cast<std::size_t>(at % kSegment);
    if (skipped >= plain.size()) break;
    const auto left = std::min<std::uint64_t>(plain.size() - skipped, size_ - at);
    const auto count = std::min(out.size() - done, static_cast<std::size_t>(left));
    std::copy_n(plain.begin() + static_cast<std::ptrdiff_t>(skipped), count,
                out.begin() + static_cast<std::ptrdiff_t>(done));
    done += count;
  }
  return done;
}

/// [MS-OFFCRYPTO] section 2.3.4.15: every 4096 bytes begin anew.
ByteVector DecryptedPackage::segment(std::uint64_t index) const {
  ByteVector data(kSegment);
  const std::size_t got = stream_.read(8 + index * kSegment, data);
  data.resize(got / kBlock * kBlock);
  if (!key_.agile) return decrypt(data, key_.key, Chaining::ecb, {});
  ByteVector vector =
      digest(key_.hash, ByteVector(key_.salt) + le32(static_cast<std::uint32_t>(index)));
  return decrypt(data, key_.key, Chaining::cbc, std::move(vector));
}

}  // namespace prism::sheet
