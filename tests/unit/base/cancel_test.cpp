#include <csignal>

#include <doctest/doctest.h>

#include <prism/base/cancel.hpp>

#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace prism {

TEST_CASE("cancel: a part ends with the whole, in the whole's words") {
  Cancel whole;
  Cancel part(&whole);
  part.limit_time(std::chrono::hours(1));
  CHECK_FALSE(part.requested());
  part.check();
  whole.request(SIGINT);
  CHECK(part.requested());
  CHECK(test::thrown_by([&] { part.check(); }).code == ErrorCode::interrupted);
}

TEST_CASE("cancel: a part ends when its time is over, the whole does not") {
  const Cancel whole;
  Cancel part(&whole);
  part.limit_time(std::chrono::seconds(1));
  REQUIRE(test::comes_true([&] { return part.requested(); }));
  const auto over = test::thrown_by([&] { part.check(); });
  CHECK(over.code == ErrorCode::unavailable);
  CHECK(over.message == "took longer than its time limit of 1 s");
  CHECK_FALSE(whole.requested());
  part.limit_time(std::chrono::seconds(0));
  CHECK_FALSE(part.requested());
}

}  // namespace prism
