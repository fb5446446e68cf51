#pragma once

#include <cstdint>

/// The tags of PackStream structures.
namespace prism::neo4j::tag {

constexpr std::uint8_t kNode = 'N';
constexpr std::uint8_t kRelationship = 'R';
constexpr std::uint8_t kUnboundRelationship = 'r';
constexpr std::uint8_t kPath = 'P';
constexpr std::uint8_t kDate = 'D';
constexpr std::uint8_t kTime = 'T';
constexpr std::uint8_t kLocalTime = 't';
constexpr std::uint8_t kDateTime = 'I';
constexpr std::uint8_t kZonedDateTime = 'i';
/// Bolt 4.4 without the patch `utc`: the seconds are of the clock there.
constexpr std::uint8_t kWallClock = 'F';
constexpr std::uint8_t kWallClockZoned = 'f';
constexpr std::uint8_t kLocalDateTime = 'd';
constexpr std::uint8_t kDuration = 'E';
constexpr std::uint8_t kPoint2D = 'X';
constexpr std::uint8_t kPoint3D = 'Y';

}  // namespace prism::neo4j::tag
