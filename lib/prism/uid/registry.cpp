#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/uid/registry.hpp>

namespace prism::uid {

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

void each_missing(std::span<const Request> requests, std::vector<Assigned>& found, Kind kind,
                  const std::function<void(Assigned& of, Uid& uid)>& give) {
  for (std::size_t i = 0; i < requests.size(); ++i) {
    for (std::size_t k = 0; k < found[i].temporaries.size(); ++k) {
      if (found[i].temporaries[k] == 0 && requests[i].temporaries[k].kind == kind) {
        give(found[i], found[i].temporaries[k]);
      }
    }
    if (kind == Kind::entity) continue;
    for (Uid& blank : found[i].blanks) {
      if (blank == 0) give(found[i], blank);
    }
  }
}

}  // namespace prism::uid
