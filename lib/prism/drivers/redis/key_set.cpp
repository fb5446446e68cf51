#include <algorithm>
#include <cstring>

#include <openssl/sha.h>

#include <prism/drivers/redis/key_set.hpp>

namespace prism::redis {

KeySet::Hash KeySet::hash_of(std::uint64_t database, std::string_view name) {
  std::string text = std::to_string(database) + ':';
  text += name;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  Hash hash;
  std::memcpy(hash.data(), digest.data(), sizeof hash);
  return hash;
}

void KeySet::value(const RdbKey& key, std::uint64_t) {
  if (key.expires && *key.expires <= now_) return;
  const Hash hash = hash_of(key.database, key.name);
  if (is_of_part(hash)) hashes_.push_back(hash);
}

void KeySet::sort() { std::sort(hashes_.begin(), hashes_.end()); }

bool KeySet::lacks(std::uint64_t database, std::string_view name) const {
  const Hash hash = hash_of(database, name);
  return is_of_part(hash) && !std::binary_search(hashes_.begin(), hashes_.end(), hash);
}

}  // namespace prism::redis
