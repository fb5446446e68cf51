#pragma once

#include <cstddef>
#include <functional>

#include <prism/base/export.hpp>

namespace prism {

/// Calls `work` with 0 to count - 1, begun in this order, at most `threads` at a time. When a call
/// throws, none begins any more; once those under way have ended, what the one with the lowest
/// number threw is thrown: the same as if they had been called one by one.
PRISM_API void run_parallel(std::size_t count, std::size_t threads,
                            const std::function<void(std::size_t)>& work);

}  // namespace prism
