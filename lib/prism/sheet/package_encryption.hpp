#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/sheet/byte_source.hpp>
#include <prism/sheet/bytes.hpp>
#include <prism/sheet/cfb.hpp>

namespace prism::sheet {

using ByteVector = std::vector<unsigned char>;

/// How the zip archive of an .xlsx is encrypted within a compound file ([MS-OFFCRYPTO] sections
/// 2.3.4.5 standard and 2.3.4.10 agile encryption): with AES, under a key that is made of a
/// password.
struct PackageKey {
  ByteVector key;    ///< of 16, 24 or 32 bytes
  ByteVector salt;   ///< agile: of the segments' initialization vectors
  std::string hash;  ///< agile: the digest that makes them, such as `SHA512`
  bool agile = false;
};

/// The key for that password from the stream `EncryptionInfo`, or nothing when it is not the
/// password. Throws Damage for what makes no sense or is not known.
PRISM_API std::optional<PackageKey> find_package_key(Bytes info, std::u16string_view password);

/// The zip archive that lies encrypted in a compound file, under the password that Excel tries by
/// itself; null where the file holds none, then `file` is still there. Throws Encrypted where the
/// password is another one, and Damage.
PRISM_API std::unique_ptr<ByteSource> decrypt_package(std::unique_ptr<ByteSource>& file);

/// The zip archive in the stream `EncryptedPackage` ([MS-OFFCRYPTO] section 2.3.4.4), decrypted
/// where it is read.
class PRISM_API DecryptedPackage : public ByteSource {
 public:
  /// `file` is what `stream` reads from. Throws Damage.
  DecryptedPackage(std::unique_ptr<ByteSource> file, CfbStream stream, PackageKey key);

  std::uint64_t size() const override { return size_; }
  std::size_t read(std::uint64_t offset, std::span<unsigned char> out) const override;

 private:
  ByteVector segment(std::uint64_t index) const;

  std::unique_ptr<ByteSource> file_;
  CfbStream stream_;
  PackageKey key_;
  std::uint64_t size_ = 0;
};

}  // namespace prism::sheet
