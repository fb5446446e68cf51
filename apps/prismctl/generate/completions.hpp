#pragma once

#include "cli.hpp"
#include "generate/generated_file.hpp"

namespace prismctl {

/// Completions for bash, zsh and fish.
std::vector<GeneratedFile> completions(CommandLine& line);

}  // namespace prismctl
