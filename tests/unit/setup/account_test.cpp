#include <crypt.h>
#include <doctest/doctest.h>

#include <prism/setup/account.hpp>

#include "support/thrown.hpp"

namespace prism::setup {

using prism::test::thrown_by;

TEST_CASE("setup: a hash is bcrypt of cost 12, with a salt of its own, and the password fits it") {
  const std::string password = "correct horse";
  const std::string hash = hash_password(password);
  CHECK(hash.size() == 60);
  CHECK(hash.starts_with("$2b$12$"));
  CHECK(hash_password(password) != hash);
  crypt_data data{};
  CHECK(crypt_r(password.c_str(), hash.c_str(), &data) == hash);
  CHECK(crypt_r("correct Horse", hash.c_str(), &data) != hash);
}

TEST_CASE("setup: a password has 8 characters at least and 72 bytes at most") {
  CHECK_NOTHROW(require_password("12345678"));
  CHECK_NOTHROW(require_password(std::string(72, 'x')));
  CHECK_NOTHROW(require_password("äöüßéèàç"));
  const auto is_refused = [](const std::string& password) {
    const auto thrown = thrown_by([&] { require_password(password); });
    CHECK(thrown.code == ErrorCode::bad_data);
    CHECK_FALSE(thrown.says("sécret"));
  };
  is_refused("");
  is_refused("sécret7");
  is_refused(std::string("sécret\0secret", 14));
  is_refused(std::string(73, 'x'));
  is_refused("sécret" + std::string(66, 'x'));
}

TEST_CASE("setup: a user's name has 4 to 50 characters that can be told") {
  for (const char* name : {"anna", "jürgen", "a b c", "o'brien;--", "日本語名"}) {
    CAPTURE(name);
    CHECK_NOTHROW(require_username(name));
  }
  CHECK_NOTHROW(require_username(std::string(50, 'x')));
  for (const std::string& name : {std::string(), std::string("ann"), std::string("日本語"),
                                  std::string(51, 'x'), std::string(" anna"), std::string("anna\n"),
                                  std::string("an\0na", 5), std::string("ann\xFF")}) {
    CAPTURE(name);
    CHECK(thrown_by([&] { require_username(name); }).code == ErrorCode::usage);
  }
}

TEST_CASE("setup: an email has one @ with something on both sides") {
  for (const char* email : {"", "a@b", "anna@example.org"}) CHECK_NOTHROW(require_email(email));
  for (const std::string& email :
       {std::string("anna"), std::string("@b"), std::string("a@"), std::string("a@b@c"),
        std::string("a b@c"), "a@" + std::string(254, 'x')}) {
    CAPTURE(email);
    CHECK(thrown_by([&] { require_email(email); }).code == ErrorCode::usage);
  }
}

}  // namespace prism::setup
