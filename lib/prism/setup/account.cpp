#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <crypt.h>
#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/setup/account.hpp>

namespace prism::setup {
namespace {

constexpr unsigned long kCost = 12;
constexpr std::size_t kLongestPassword = 72;

/// How many characters of UTF-8 there are.
std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

bool is_plain(std::string_view text) {
  return find_invalid_utf8(text) == std::string_view::npos &&
         std::none_of(text.begin(), text.end(), is_control) && trimmed(text) == text;
}

/// What crypt_r works in: it holds the password while it lasts.
class Scratch {
 public:
  Scratch() : data_(std::make_unique<crypt_data>()) {}
  ~Scratch() { explicit_bzero(data_.get(), sizeof(crypt_data)); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  crypt_data* get() { return data_.get(); }

 private:
  std::unique_ptr<crypt_data> data_;
};

[[noreturn]] void fail() {
  throw Error(ErrorCode::internal, "bcrypt: " + std::generic_category().message(errno));
}

std::string new_salt() {
  char salt[CRYPT_GENSALT_OUTPUT_SIZE] = {};
  if (crypt_gensalt_rn("$2b$", kCost, nullptr, 0, salt, sizeof salt) == nullptr) fail();
  return salt;
}

}  // namespace

void require_username(std::string_view username) {
  const std::size_t length = length_of(username);
  if (length >= 4 && length <= 50 && is_plain(username)) return;
  throw Error(ErrorCode::usage, "the user's name: found " + in_quotes(username) +
                                    ", expected 4 to 50 characters without blanks at the ends");
}

void require_email(std::string_view email) {
  if (email.empty()) return;
  const std::size_t at = email.find('@');
  const bool both_sides = at != std::string_view::npos && at > 0 && at + 1 < email.size() &&
                          email.find('@', at + 1) == std::string_view::npos;
  const bool blanks = email.find(' ') != std::string_view::npos;
  if (both_sides && !blanks && length_of(email) <= 255 && is_plain(email)) return;
  throw Error(ErrorCode::usage,
              "the user's email: found " + in_quotes(email) + ", expected NAME@HOST");
}

void require_password(std::string_view password) {
  if (password.find('\0') != std::string_view::npos) {
    throw Error(ErrorCode::bad_data, "the password holds a NUL byte");
  }
  const std::size_t length = length_of(password);
  if (length < 8) {
    throw Error(ErrorCode::bad_data,
                fmt::format("the password has {} characters, expected 8 at least", length));
  }
  if (password.size() <= kLongestPassword) return;
  throw Error(ErrorCode::bad_data,
              fmt::format("the password has {} bytes, expected {} at most", password.size(),
                          kLongestPassword),
              "bcrypt would ignore what comes after them");
}

std::string hash_password(const std::string& password) {
  Scratch scratch;
  const std::string salt = new_salt();
  const char* const hash = crypt_r(password.c_str(), salt.c_str(), scratch.get());
  if (hash == nullptr || *hash == '*') fail();
  return hash;
}

}  // namespace prism::setup
