#pragma once

#include <prism/config/sources.hpp>
#include <prism/setup/preflight/finding.hpp>

namespace prism::setup {

/// Variables that a system's environment lacks, as those tell that it has: half of a pair (the user
/// of MinIO without the password) is critical, as is what a known system can't do without; a
/// password that may be meant to be missing is a warning.
PRISM_API Findings check_variables(const config::Sources& sources);

}  // namespace prism::setup
