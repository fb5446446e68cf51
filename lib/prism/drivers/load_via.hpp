#pragma once

#include <cstdint>

namespace prism {

/// How new facts come into a graph.
enum class LoadVia : std::uint8_t {
  bolt,      ///< as parameters of queries
  load_csv,  ///< in files that the server reads
};

}  // namespace prism
