#include <memory>

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <prism/setup/token_keys.hpp>

namespace prism::setup {

TEST_CASE("setup: a pair of keys for tokens belongs together, and other programs read it") {
  const TokenKeys keys = make_token_keys(3072);
  CHECK(keys.private_pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
  CHECK(keys.public_pem.starts_with("-----BEGIN PUBLIC KEY-----\n"));
  const auto free = [](EVP_PKEY* key) { EVP_PKEY_free(key); };
  using Key = std::unique_ptr<EVP_PKEY, decltype(free)>;
  BIO* const secret = BIO_new_mem_buf(keys.private_pem.data(), -1);
  BIO* const open = BIO_new_mem_buf(keys.public_pem.data(), -1);
  const Key private_key(PEM_read_bio_PrivateKey(secret, nullptr, nullptr, nullptr), free);
  const Key public_key(PEM_read_bio_PUBKEY(open, nullptr, nullptr, nullptr), free);
  BIO_free(secret);
  BIO_free(open);
  REQUIRE(private_key != nullptr);
  REQUIRE(public_key != nullptr);
  CHECK(EVP_PKEY_get_bits(private_key.get()) == 3072);
  CHECK(EVP_PKEY_eq(private_key.get(), public_key.get()) == 1);
}

}  // namespace prism::setup
