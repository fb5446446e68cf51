#pragma once

#include <cstddef>
#include <string>

#include <prism/base/stream.hpp>

namespace prism {

/// What a source gives, `most` bytes of it at most: memory grows with what comes, not with what is
/// allowed.
PRISM_API std::string read_at_most(ByteSource& source, std::size_t most);

/// All that a source gives. Throws Error(bad_data), which begins with `where`, where that is more
/// than `most` bytes.
PRISM_API std::string read_all(ByteSource& source, std::size_t most, const std::string& where);

}  // namespace prism
