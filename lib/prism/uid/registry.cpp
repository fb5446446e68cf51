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

}  // namespace prism::uid
