#include <doctest/doctest.h>

#include <prism/base/error.hpp>
#include <prism/drivers/consul/checked_body.hpp>

#include "support/consul_snapshot.hpp"
#include "support/s3.hpp"
#include "support/text_stream.hpp"
#include "support/thrown.hpp"

namespace prism::consul {
namespace {

using test::TextSource;
using test::thrown_by;

/// Of some 600 kB, which a body gives in three pieces.
std::string large_snapshot() {
  std::string state = test::consul_header();
  for (int i = 0; i < 10; ++i) {
    state += test::consul_kv("key " + std::to_string(i), test::many_bytes(60'000));
  }
  return test::consul_snapshot(state);
}

/// A body of which a server took `bytes` before it went away.
struct CutBody {
  CutBody(const std::string& snapshot, std::size_t bytes)
      : source(snapshot), body(source, {}, cancel, [this](const Survey&) { approved = true; }) {
    std::string taken(bytes, '\0');
    for (std::size_t got = 0; got < bytes;) got += body.read(std::span(taken).subspan(got));
  }

  Cancel cancel;
  TextSource source;
  bool approved = false;
  CheckedBody body;
};

}  // namespace

TEST_CASE("consul: what is wrong until where the server went away is told, a cut is not") {
  const std::string good = large_snapshot();
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{300'000}, good.size() / 2}) {
    CAPTURE(bytes);
    CutBody cut(good, bytes);
    cut.body.require_good_so_far();
    CHECK_FALSE(cut.approved);
    CHECK(thrown_by([&] { cut.body.survey(); }).code == ErrorCode::io);

    std::string flipped = good;
    flipped[0] ^= 4;
    const auto thrown = thrown_by([&] {
      CutBody damaged(flipped, bytes);  // throws where the check is ahead of the server
      damaged.body.require_good_so_far();
    });
    CHECK(thrown.code == ErrorCode::bad_data);
  }
}

TEST_CASE("consul: all of a snapshot is given once all of it was found good") {
  const std::string good = large_snapshot();
  CutBody whole(good, good.size());
  CHECK(whole.approved);
  whole.body.require_good_so_far();
  CHECK(whole.body.survey().counts == backup::Counts{{"kv entries", 10}});
}

}  // namespace prism::consul
