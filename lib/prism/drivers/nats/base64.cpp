#include <openssl/evp.h>

#include <prism/drivers/nats/base64.hpp>

namespace prism::nats {

std::optional<std::string> decoded_base64(std::string_view text) {
  constexpr std::size_t kMost = std::size_t{1} << 30;
  if (text.size() % 4 != 0 || text.size() > kMost) return {};
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  // OpenSSL takes more: white space at both ends, and padding anywhere.
  if (text.substr(0, text.size() - padding).find_first_of("= \t\r\n") != std::string_view::npos) {
    return {};
  }
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return {};
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

}  // namespace prism::nats
