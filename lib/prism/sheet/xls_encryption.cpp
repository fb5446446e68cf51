#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <openssl/evp.h>

#include <prism/sheet/rc4.hpp>
#include <prism/sheet/xls_encryption.hpp>

namespace prism::sheet {
namespace {

using Buffer = std::vector<unsigned char>;

constexpr std::string_view kPassword = "VelvetSweatshop";

/// What [MS-OFFCRYPTO] makes of the password by its sections 2.3.7.2 (CreateXorKey_Method1) and
/// 2.3.7.1 (CreatePasswordVerifier_Method1).
constexpr std::uint16_t kXorKey = 0xB359;
constexpr std::uint16_t kXorVerifier = 0x9A0A;

/// [MS-OFFCRYPTO] section 2.3.7.3: each byte goes through one of 16 keys, at what offset it lies in
/// the stream, to which the size of the record's data is added, and is rotated by 5 bits.
class XorCipher : public RecordCipher {
 public:
  /// Section 2.3.7.2 (CreateXorArray_Method1), for a password of 15 characters.
  XorCipher() {
    constexpr unsigned char kPadding = 0xBB;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      const auto from = i < kPassword.size() ? static_cast<unsigned char>(kPassword[i]) : kPadding;
      const unsigned byte = from ^ (i % 2 == 0 ? kXorKey & 0xFFU : kXorKey >> 8U);
      keys_[i] = static_cast<unsigned char>(byte >> 1 | byte << 7);
    }
  }

  std::unique_ptr<RecordCipher> clone() const override {
    return std::make_unique<XorCipher>(*this);
  }

  void decrypt(std::uint64_t offset, std::span<unsigned char> data, std::size_t plain) override {
    for (std::size_t i = plain; i < data.size(); ++i) {
      const unsigned byte = data[i] ^ keys_[(offset + data.size() + i) % keys_.size()];
      data[i] = static_cast<unsigned char>(byte >> 5 | byte << 3);
    }
  }

 private:
  std::array<unsigned char, 16> keys_;
};

Buffer hash(const EVP_MD* kind, Bytes data) {
  Buffer result(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  if (EVP_Digest(data.data(), data.size(), result.data(), &size, kind, nullptr) != 1) {
    throw Encrypted("encrypted: this system's OpenSSL refuses to compute " +
                    std::string(EVP_MD_get0_name(kind)) + ", which the password is checked with");
  }
  result.resize(size);
  return result;
}

void append(Buffer& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

Buffer password_utf16() {
  Buffer bytes;
  for (const char c : kPassword) {
    bytes.push_back(static_cast<unsigned char>(c));
    bytes.push_back(0);
  }
  return bytes;
}

/// Each block of 1024 bytes of the stream has a key of its own: a hash over what was made of salt
/// and password, and the block's number.
class BlockKeys {
 public:
  BlockKeys(const EVP_MD* kind, Buffer base, std::size_t size)
      : kind_(kind), base_(std::move(base)), size_(size) {}

  Buffer key(std::uint32_t block) const {
    Buffer input = base_;
    for (unsigned shift = 0; shift < 32; shift += 8) {
      input.push_back(static_cast<unsigned char>(block >> shift));
    }
    Buffer result = hash(kind_, input);
    result.resize(size_);
    // A key of 40 bits is filled up to 128 ([MS-OFFCRYPTO] section 2.3.5.2).
    if (size_ == 5) result.resize(16);
    return result;
  }

  /// [MS-OFFCRYPTO] sections 2.3.5.6 and 2.3.6.4: whether the second part of `verifier`, which has
  /// the size of a hash, is the hash of the first 16 bytes.
  bool verify(Buffer verifier) const {
    constexpr std::size_t kRandom = 16;
    Rc4(key(0)).apply(verifier);
    const Buffer expected = hash(kind_, Bytes(verifier).first(kRandom));
    return std::equal(expected.begin(), expected.end(), verifier.begin() + kRandom, verifier.end());
  }

 private:
  const EVP_MD* kind_;
  Buffer base_;
  std::size_t size_;
};

/// [MS-XLS] section 2.2.10: the key stream runs on over what is not encrypted.
class Rc4Cipher : public RecordCipher {
 public:
  explicit Rc4Cipher(BlockKeys keys) : keys_(std::move(keys)) {}

  std::unique_ptr<RecordCipher> clone() const override {
    return std::make_unique<Rc4Cipher>(keys_);
  }

  void decrypt(std::uint64_t offset, std::span<unsigned char> data, std::size_t plain) override {
    offset += plain;
    data = data.subspan(plain);
    while (!data.empty()) {
      seek(offset);
      const std::size_t step = std::min<std::size_t>(data.size(), kBlock - offset % kBlock);
      rc4_->apply(data.first(step));
      data = data.subspan(step);
      offset += step;
      position_ = offset;
    }
  }

 private:
  static constexpr std::size_t kBlock = 1024;

  void seek(std::uint64_t offset) {
    const std::uint64_t block = offset / kBlock;
    if (!rc4_ || block != block_ || offset < position_) {
      rc4_.emplace(keys_.key(static_cast<std::uint32_t>(block)));
      block_ = block;
      position_ = block * kBlock;
    }
    rc4_->skip(offset - position_);
  }

  BlockKeys keys_;
  std::optional<Rc4> rc4_;
  std::uint64_t block_ = 0;
  std::uint64_t position_ = 0;  ///< of the next byte of the key stream
};

[[noreturn]] void throw_protected() { throw Encrypted(); }

[[noreturn]] void throw_unknown(const std::string& what) {
  throw Encrypted("encrypted: the workbook is protected by a password, with " + what +
                  ", expected XOR obfuscation or RC4");
}

std::unique_ptr<RecordCipher> open_xor(std::uint16_t key, std::uint16_t verifier) {
  if (key == 0 && verifier == 0) return nullptr;
  if (key != kXorKey || verifier != kXorVerifier) throw_protected();
  return std::make_unique<XorCipher>();
}

std::unique_ptr<RecordCipher> open_rc4(BlockKeys keys, Buffer verifier) {
  if (!keys.verify(std::move(verifier))) throw_protected();
  return std::make_unique<Rc4Cipher>(std::move(keys));
}

Bytes part(Bytes data, std::size_t offset, std::size_t size) {
  require(data, offset, size);
  return data.subspan(offset, size);
}

/// [MS-OFFCRYPTO] section 2.3.6.2; the header is salt, encrypted verifier and its hash.
std::unique_ptr<RecordCipher> open_standard_rc4(Bytes header) {
  constexpr std::size_t kTruncated = 5;
  const Bytes salt = part(header, 0, 16);
  const Bytes verifier = part(header, 16, 32);
  Buffer once = hash(EVP_md5(), password_utf16());
  once.resize(kTruncated);
  append(once, salt);
  Buffer repeated;
  for (int i = 0; i < 16; ++i) append(repeated, once);
  Buffer base = hash(EVP_md5(), repeated);
  base.resize(kTruncated);
  return open_rc4(BlockKeys(EVP_md5(), std::move(base), 16),
                  Buffer(verifier.begin(), verifier.end()));
}

/// The size in bytes of the keys, as [MS-OFFCRYPTO] section 2.3.2 EncryptionHeader tells it.
std::size_t key_size(Bytes header) {
  constexpr std::uint32_t kRc4 = 0x6801;
  constexpr std::uint32_t kSha1 = 0x8004;
  const std::uint32_t algorithm = read_u32(header, 8);
  const std::uint32_t hash_algorithm = read_u32(header, 12);
  if (algorithm != kRc4 || hash_algorithm != kSha1) {
    throw_unknown("algorithm " + std::to_string(algorithm) + " with hash " +
                  std::to_string(hash_algorithm));
  }
  const std::uint32_t bits = read_u32(header, 16);
  if (bits == 0) return 5;
  if (bits % 8 != 0 || bits < 40 || bits > 128) {
    throw_unknown("a key of " + std::to_string(bits) + " bits");
  }
  return bits / 8;
}

/// [MS-OFFCRYPTO] section 2.3.5.1: flags and size of the EncryptionHeader, the header, and an
/// EncryptionVerifier (section 2.3.3).
std::unique_ptr<RecordCipher> open_crypto_api_rc4(Bytes data) {
  const std::uint32_t header_size = read_u32(data, 4);
  const Bytes header = part(data, 8, header_size);
  const Bytes rest = data.subspan(8 + header.size());
  const Bytes salt = part(rest, 4, 16);
  const Bytes verifier = part(rest, 20, 16);
  const Bytes verifier_hash = part(rest, 40, 20);
  Buffer salted(salt.begin(), salt.end());
  append(salted, password_utf16());
  Buffer both(verifier.begin(), verifier.end());
  append(both, verifier_hash);
  return open_rc4(BlockKeys(EVP_sha1(), hash(EVP_sha1(), salted), key_size(header)),
                  std::move(both));
}

}  // namespace

std::unique_ptr<RecordCipher> open_file_pass(Bytes data, BiffVersion version) {
  enum : std::uint16_t { kXor = 0, kRc4 = 1 };
  if (version != BiffVersion::biff8) return open_xor(read_u16(data, 0), read_u16(data, 2));
  const std::uint16_t kind = read_u16(data, 0);
  if (kind == kXor) return open_xor(read_u16(data, 2), read_u16(data, 4));
  if (kind != kRc4) throw_unknown("a FILEPASS record of kind " + std::to_string(kind));
  const std::uint16_t major = read_u16(data, 2);
  const std::uint16_t minor = read_u16(data, 4);
  if (major == 1 && minor == 1) return open_standard_rc4(rest_of(data, 6));
  if (major >= 2 && major <= 4 && minor == 2) return open_crypto_api_rc4(rest_of(data, 6));
  throw_unknown("encryption of version " + std::to_string(major) + "." + std::to_string(minor));
}

}  // namespace prism::sheet
