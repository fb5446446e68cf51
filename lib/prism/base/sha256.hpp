#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

struct evp_md_ctx_st;
struct evp_md_st;

namespace prism {

/// The algorithm for OpenSSL's calls, which would look it up anew each time for EVP_sha256().
PRISM_API const evp_md_st* sha256_algorithm();

/// A SHA-256 (FIPS 180-4) of what was added.
class PRISM_API Sha256 {
 public:
  Sha256();

  void add(std::string_view bytes);
  /// In 64 lower-case hexadecimal digits. Nothing may be added afterwards.
  std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

inline std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.hex();
}

}  // namespace prism
