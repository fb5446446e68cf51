#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace prismctl {

struct GeneratedFile {
  std::string name;
  std::string text;
};

/// The subcommands that are shown.
inline std::vector<const CLI::App*> visible_commands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

}  // namespace prismctl
