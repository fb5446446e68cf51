// The input is a snapshot, or the state in one: with right sums and checksums, which are hard to
// come upon.

#include <prism/drivers/consul/snapshot.hpp>

#include "check.hpp"
#include "support/consul_snapshot.hpp"
#include "support/text_stream.hpp"

namespace prism::consul::fuzz {
namespace {

using sheet::fuzz::accepted;
using sheet::fuzz::require_that;

struct Seen {
  bool sound = false;
  Survey survey;
};

Seen read(const std::string& snapshot, std::size_t piece, bool digest) {
  const Cancel cancel;
  prism::test::TextSource source(snapshot, piece);
  Seen seen;
  seen.sound = accepted(
      [&] { seen.survey = read_snapshot(source, {.token = "token", .digest = digest}, cancel); });
  return seen;
}

/// How it comes makes no difference, and a digest is about what is counted anyway.
void look_at(const std::string& snapshot) {
  const Seen small = read(snapshot, 3, false);
  const Seen large = read(snapshot, 100'000, false);
  require_that(small.sound == large.sound, "pieces decide over a snapshot");
  require_that(small.survey.counts == large.survey.counts, "pieces make a difference");
  require_that(small.survey.has_token == large.survey.has_token, "pieces hide a token");
  const Seen digested = read(snapshot, 777, true);
  require_that(!digested.sound || digested.survey.digest.size() == 64, "a digest is none");
  require_that(!digested.sound || digested.survey.counts == large.survey.counts,
               "a digest makes a difference");
}

}  // namespace
}  // namespace prism::consul::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::consul::fuzz;
  const std::string bytes = prism::sheet::fuzz::text_of(data, size);
  look_at(bytes);
  look_at(prism::test::consul_snapshot(bytes));
  return 0;
}
