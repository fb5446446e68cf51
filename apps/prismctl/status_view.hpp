#pragma once

#include <string>
#include <vector>

#include "console/output.hpp"
#include "status_look.hpp"

namespace prismctl {

// What `status` shows of a system.

Json to_json(const SystemState& found);
std::vector<std::string> lines_of(const SystemState& found, bool colour);

}  // namespace prismctl
