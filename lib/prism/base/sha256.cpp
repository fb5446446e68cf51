#include <array>

#include <openssl/evp.h>

#include <prism/base/hex.hpp>
#include <prism/base/sha256.hpp>

namespace prism {

const EVP_MD* sha256_algorithm() {
  static const std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> found(
      EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free);
  return found ? found.get() : EVP_sha256();
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(context_.get(), sha256_algorithm(), nullptr);
}

void Sha256::add(std::string_view bytes) {
  EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
  return hexadecimal({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace prism
