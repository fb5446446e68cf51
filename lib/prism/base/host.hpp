#pragma once

#include <string>

#include <prism/base/export.hpp>

namespace prism {

PRISM_API std::string host_name();

/// The name of the user that this process runs as, else the number.
PRISM_API std::string user_name();

}  // namespace prism
