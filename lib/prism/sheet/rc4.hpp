#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <prism/base/export.hpp>
#include <prism/sheet/bytes.hpp>

namespace prism::sheet {

/// The stream cipher RC4, which is weak, but what .xls files are encrypted with. OpenSSL has it in
/// a provider that is not installed everywhere.
class PRISM_API Rc4 {
 public:
  /// `key` must not be empty.
  explicit Rc4(Bytes key);

  /// Encrypts, or decrypts what is encrypted.
  void apply(std::span<unsigned char> data);
  /// Goes over as many bytes of the key stream.
  void skip(std::uint64_t count);

 private:
  std::uint8_t next();

  std::array<std::uint8_t, 256> state_;
  std::uint8_t i_ = 0;
  std::uint8_t j_ = 0;
};

}  // namespace prism::sheet
