#pragma once

#include "command.hpp"

namespace prismctl {

/// Takes out what a load has stored that was cut off half-way, and says so.
int abort_load(std::string_view command, Session& session);

}  // namespace prismctl
