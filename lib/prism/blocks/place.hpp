#pragma once

#include <cstdint>

namespace prism::blocks {

/// Where a block is while a stream is written, in one number: blocks that lie one behind the other
/// have numbers that follow each other.
using Place = std::uint64_t;

/// In a pack that was there before, by its place among those.
constexpr Place place_in(std::uint32_t pack, std::uint32_t number) {
  return Place{pack} << 32U | number;
}

inline constexpr Place kNew = Place{1} << 63U;

/// The how-manieth block that this run stores; in which pack that will be shows later.
constexpr Place new_place(std::uint64_t number) { return kNew | number; }

constexpr bool is_new(Place place) { return (place & kNew) != 0; }
constexpr std::uint64_t new_number(Place place) { return place & ~kNew; }
constexpr std::uint32_t pack_of(Place place) { return static_cast<std::uint32_t>(place >> 32U); }
constexpr std::uint32_t number_in_pack(Place place) { return static_cast<std::uint32_t>(place); }

/// Blocks that lie one behind the other.
struct PlaceRun {
  Place first = 0;
  std::uint32_t count = 0;
};

}  // namespace prism::blocks
