#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace prism::sheet::test {

inline const std::u16string kDefaultPassword = u"VelvetSweatshop";

/// Encrypts the streams of workbooks ([MS-XLS] section 2.2.10).
struct Encryptor {
  std::string file_pass;                          ///< the record that goes behind BOF
  std::function<std::string(std::uint32_t)> key;  ///< of each block of RC4; none with XOR

  /// The stream, which holds `file_pass`, with all behind it encrypted.
  std::string encrypted(std::string stream) const;
};

/// With the password VelvetSweatshop; the record is shorter before BIFF8.
Encryptor xor_encryptor(bool biff8 = true);
Encryptor rc4_encryptor(const std::u16string& password = kDefaultPassword);
/// `bits`: 40 to 128; 0 stands for 40.
Encryptor crypto_api_encryptor(const std::u16string& password = kDefaultPassword,
                               unsigned bits = 128);

}  // namespace prism::sheet::test
