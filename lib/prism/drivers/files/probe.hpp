#pragma once

#include <memory>
#include <string>
#include <vector>

#include <prism/health/probe.hpp>

namespace prism::files {

/// Whether each of those paths or patterns is there.
PRISM_API std::unique_ptr<health::Probe> open_probe(std::vector<std::string> paths);

}  // namespace prism::files
