#pragma once

#include <functional>
#include <span>

#include <prism/base/cancel.hpp>
#include <prism/cache/taxonomy.hpp>

namespace prism::cache {

/// Gives every strongly connected component of a taxonomy once, after all those that its members
/// have as supertypes; more than one member is a cycle. Tarjan's algorithm (SIAM J. Comput. 1(2),
/// 1972) without recursion: 8 bytes an entity and 12 bytes for each step of depth.
void each_component(const Taxonomy& taxonomy, const Cancel& cancel,
                    const std::function<void(std::span<const EntityIndex> members)>& take);

}  // namespace prism::cache
