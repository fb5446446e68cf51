#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/uid/registry.hpp>

namespace prism::uid {
namespace {

/// Calls `give` for each UID of a kind that is missing, in the order in which they are given out.
template <typename Found, typename Give>
void each_missing(std::span<const Request> requests, Found& found, Kind kind, const Give& give) {
  for (std::size_t i = 0; i < requests.size(); ++i) {
    for (std::size_t k = 0; k < found[i].temporaries.size(); ++k) {
      if (found[i].temporaries[k] == 0 && requests[i].temporaries[k].kind == kind) {
        give(found[i], found[i].temporaries[k]);
      }
    }
    if (kind == Kind::entity) continue;
    for (auto& blank : found[i].blanks) {
      if (blank == 0) give(found[i], blank);
    }
  }
}

}  // namespace

std::string_view kind_name(Kind kind) { return kind == Kind::entity ? "entity" : "fact"; }

RangeState range_state(Kind kind, Uid first, const Limits& limits) {
  const Uid end = limits.end(kind);
  return {kind, first, first < end ? static_cast<std::uint64_t>(end - first) : 0};
}

void require_left(const RangeState& range, std::uint64_t count, const Limits& limits) {
  if (count <= range.left) return;
  throw Error(ErrorCode::refused,
              fmt::format("no more {} UIDs: {} wanted, {} left from {} to {}",
                          kind_name(range.kind), with_separators(count),
                          with_separators(range.left), range.next, limits.end(range.kind) - 1),
              "the ranges begin at PRISM_MIN_FREE_UID and PRISM_MIN_FREE_FACT_UID");
}

std::vector<Wanted> missing_from(std::span<const Request> requests,
                                 const std::vector<Assigned>& found) {
  std::vector<Wanted> wanted;
  for (const Kind kind : kKinds) {
    std::uint64_t count = 0;
    each_missing(requests, found, kind, [&](const Assigned&, Uid) { ++count; });
    if (count > 0) wanted.push_back({kind, count});
  }
  return wanted;
}

void hand_out(std::span<const Request> requests, std::span<const Wanted> wanted,
              std::span<const Range> ranges, std::vector<Assigned>& found) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    Uid next = ranges[i].first;
    each_missing(requests, found, wanted[i].kind, [&](Assigned& of, Uid& uid) {
      uid = next++;
      ++of.taken;
    });
  }
}

}  // namespace prism::uid
