#pragma once

#include "cli.hpp"
#include "generate/generated_file.hpp"

namespace prismctl {

/// `prismctl.1`, one page a command, and `prismctl-exit-codes.7`, in man(7) form.
std::vector<GeneratedFile> man_pages(CommandLine& line);

}  // namespace prismctl
