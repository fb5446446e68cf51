#include <csignal>
#include <vector>

#include <doctest/doctest.h>

#include <prism/base/backoff.hpp>
#include <prism/base/error.hpp>

namespace prism {
namespace {

using std::chrono::milliseconds;

std::vector<milliseconds> pauses(milliseconds limit) {
  const Cancel cancel;
  std::vector<milliseconds> all;
  Backoff backoff(limit, cancel, [&](milliseconds time) { all.push_back(time); });
  while (backoff.pause()) {
  }
  return all;
}

}  // namespace

TEST_CASE("base: pauses between tries grow to 2 s and end with the limit") {
  const auto all = pauses(milliseconds(20'000));
  REQUIRE(all.size() >= 12);
  milliseconds longest{50}, sum{0};
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i] <= longest);
    if (i + 1 < all.size()) CHECK(all[i] >= longest / 2);
    longest = std::min(longest * 2, milliseconds(2000));
    sum += all[i];
  }
  CHECK(sum == milliseconds(20'000));
}

TEST_CASE("base: without a limit there is no second try") {
  CHECK(pauses(milliseconds(0)).empty());
}

TEST_CASE("base: a signal ends the pauses") {
  Cancel cancel;
  Backoff backoff(milliseconds(60'000), cancel, [&](milliseconds) { cancel.request(SIGTERM); });
  CHECK_THROWS_AS(backoff.pause(), Error);
}

}  // namespace prism
