#pragma once

#include <cstddef>

/// The fuzz targets are built with far less, for which their small inputs are large.
#ifndef PRISM_BLOCK_SIZE
#define PRISM_BLOCK_SIZE 262144
#endif

namespace prism::sheet {

/// How many bytes of a file are read and looked at together; a power of two.
inline constexpr std::size_t kBlockSize = PRISM_BLOCK_SIZE;

}  // namespace prism::sheet
