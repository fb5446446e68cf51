#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism {

/// Identifies an entity or a fact for ever: 1 to kGreatestUid.
using Uid = std::int64_t;

constexpr Uid kGreatestUid = Uid{1} << 53;  ///< what a spreadsheet's number holds exactly

/// Reads `910036`, `910036.0` and the well-formed `910,036`, with white space around; nothing else.
PRISM_API std::optional<Uid> parse_uid(std::string_view text);

}  // namespace prism
