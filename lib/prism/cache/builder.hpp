#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

#include <prism/base/context.hpp>
#include <prism/cache/sink.hpp>
#include <prism/cache/subtypes.hpp>
#include <prism/store/fact_reader.hpp>

namespace prism::cache {

struct BuildOptions {
  /// What to rebuild, in any order; the others stay as they are.
  std::vector<Family> families{kFamilies.begin(), kFamilies.end()};
  /// The time for Meta; the system's when empty.
  std::function<std::chrono::system_clock::time_point()> clock;
  /// Told when each family begins, in the order of kFamilies; may be empty.
  std::function<void(Family)> on_family;
  /// Bounds memory: see Subtypes::each.
  std::size_t subtypes_held = kSubtypesHeld;
};

struct BuildReport {
  Meta meta;  ///< as committed
  /// Entities whose lineage is breadth first, or that are their own subtype; ascending. Empty when
  /// neither lineage nor subtypes were rebuilt.
  std::vector<Uid> cyclic;
  std::vector<Uid> inconsistent;
  std::array<double, kFamilies.size()> seconds{};  ///< reading the taxonomy counts for the first
  std::size_t entities = 0;                        ///< of the taxonomy
  std::size_t edges = 0;                           ///< duplicates left out
};

/// Builds the families of a cache from a store and commits them. Where only some are rebuilt, the
/// others keep the counts of the last Meta, and the watermark is that of the oldest family (0 when
/// a family was never built). Cycles and inconsistent orders are warned of, one line each. Throws
/// Error(usage) without a family, what reader and sink throw, and when cancelled; nothing is
/// committed then.
PRISM_API BuildReport rebuild(store::FactReader& reader, CacheSink& sink,
                              const BuildOptions& options, const Context& context);

}  // namespace prism::cache
