#include <set>

#include <doctest/doctest.h>

#include <prism/base/random.hpp>

namespace prism {

TEST_CASE("base: passwords are letters and digits, each as likely as any other") {
  std::size_t counts[128] = {};
  constexpr std::size_t kLength = 62'000;
  const std::string password = random_password(kLength);
  REQUIRE(password.size() == kLength);
  for (const char c : password) ++counts[static_cast<unsigned char>(c) & 127];
  std::size_t kinds = 0;
  for (std::size_t c = 0; c < 128; ++c) {
    if (counts[c] == 0) continue;
    ++kinds;
    CHECK(std::isalnum(static_cast<int>(c)) != 0);
    // 1000 is expected, 31.6 the standard deviation.
    CHECK(counts[c] > 750);
    CHECK(counts[c] < 1250);
  }
  CHECK(kinds == 62);
  CHECK(random_password(24) != random_password(24));
}

TEST_CASE("base: UUIDs are of version 4, and none comes twice") {
  std::set<std::string> all;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = random_uuid();
    REQUIRE(id.size() == 36);
    CHECK(id[14] == '4');
    CHECK(std::string("89ab").find(id[19]) != std::string::npos);
    CHECK(all.insert(id).second);
  }
}

}  // namespace prism
