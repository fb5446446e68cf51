#pragma once

#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::nats {

/// Whether a subject can fit both: words between dots, `*` stands for one, `>` at the end for one
/// or more.
PRISM_API bool overlap(std::string_view a, std::string_view b);

}  // namespace prism::nats
