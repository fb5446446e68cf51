#include <algorithm>

#include <prism/base/sha256.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/s3/tar_names.hpp>

namespace prism::s3 {
namespace {

constexpr std::size_t kLongestPart = 255;
constexpr std::string_view kFolder = ".s3-keys";

bool is_part(std::string_view part) {
  return !part.empty() && part != "." && part != ".." && part.size() <= kLongestPart;
}

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= ' ' && byte != 0x7f && c != '\\';
}

}  // namespace

bool is_harmless(std::string_view key) {
  if (key == kFolder || key.starts_with(std::string(kFolder) + "/")) return false;
  if (!std::all_of(key.begin(), key.end(), is_plain)) return false;
  if (find_invalid_utf8(key) != std::string_view::npos) return false;
  for (;;) {
    const auto slash = key.find('/');
    if (!is_part(key.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    key.remove_prefix(slash + 1);
  }
}

std::string escaped_name(std::string_view key) {
  const std::string name = "=" + config::percent_encoded(key);
  const bool fits = name.size() <= kLongestPart;
  return std::string(kFolder) + "/" + (fits ? name : "sha256=" + sha256_hex(key));
}

bool TarNames::lies_below_a_file(const std::string& key) {
  while (!begins_.empty() && !key.starts_with(begins_.back())) begins_.pop_back();
  return std::any_of(begins_.begin(), begins_.end(), [&](const std::string& begin) {
    return key.size() > begin.size() && key[begin.size()] == '/';
  });
}

std::string TarNames::name_of(const std::string& key) {
  in_order_ = in_order_ && (last_.empty() || key > last_);
  last_ = key;
  if (!in_order_ || !is_harmless(key) || lies_below_a_file(key)) return escaped_name(key);
  begins_.push_back(key);
  return key;
}

}  // namespace prism::s3
