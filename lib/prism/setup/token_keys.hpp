#pragma once

#include <string>

#include <prism/base/export.hpp>

namespace prism::setup {

/// An RSA key pair as PEM: PKCS #8 without a passphrase, and SubjectPublicKeyInfo.
struct TokenKeys {
  std::string private_pem;
  std::string public_pem;
};

/// `bits` is 3072 or 4096; takes a second or more.
PRISM_API TokenKeys make_token_keys(unsigned bits);

}  // namespace prism::setup
