#include <algorithm>
#include <charconv>

#include <prism/base/sha256.hpp>
#include <prism/drivers/s3/key_set.hpp>

namespace prism::s3 {
namespace {

std::uint64_t number_of(std::string_view hexadecimal) {
  std::uint64_t number = 0;
  std::from_chars(hexadecimal.data(), hexadecimal.data() + hexadecimal.size(), number, 16);
  return number;
}

std::pair<std::uint64_t, std::uint64_t> digest_of(std::string_view key) {
  const std::string digest = sha256_hex(key);
  const std::string_view digits = digest;
  return {number_of(digits.substr(0, 16)), number_of(digits.substr(16, 16))};
}

}  // namespace

void KeySet::add(std::string_view key) { digests_.push_back(digest_of(key)); }

bool KeySet::close() {
  std::sort(digests_.begin(), digests_.end());
  return std::adjacent_find(digests_.begin(), digests_.end()) == digests_.end();
}

bool KeySet::contains(std::string_view key) const {
  return std::binary_search(digests_.begin(), digests_.end(), digest_of(key));
}

}  // namespace prism::s3
