#include <memory>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <prism/base/error.hpp>
#include <prism/setup/token_keys.hpp>

namespace prism::setup {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};

void require(bool done) {
  if (!done) throw Error(ErrorCode::internal, "OpenSSL made no RSA key");
}

/// What `write` puts into a memory of OpenSSL's, which is wiped when it is freed.
template <typename Write>
std::string written(Write&& write) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_secmem()));
  require(bio != nullptr && write(bio.get()) == 1);
  const char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

TokenKeys make_token_keys(unsigned bits) {
  const std::unique_ptr<EVP_PKEY, Free> key(EVP_RSA_gen(bits));
  require(key != nullptr);
  return {written([&](BIO* bio) {
            return PEM_write_bio_PKCS8PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr,
                                                 nullptr);
          }),
          written([&](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key.get()); })};
}

}  // namespace prism::setup
