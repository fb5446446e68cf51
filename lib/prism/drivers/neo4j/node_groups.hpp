#pragma once

#include <cstddef>
#include <cstdint>

namespace prism::neo4j {

/// Nodes fall into a few groups, by a number that each has; a bit for each group.
using NodeGroups = std::uint32_t;
constexpr std::size_t kNodeGroups = 4;

constexpr std::size_t group_of(std::int64_t node) {
  return static_cast<std::size_t>(node) % kNodeGroups;
}

/// The groups of two of them.
constexpr NodeGroups groups_of(std::int64_t a, std::int64_t b) {
  return NodeGroups{1} << group_of(a) | NodeGroups{1} << group_of(b);
}

}  // namespace prism::neo4j
