#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <prism/store/store.hpp>

namespace prismctl {

/// `--on-conflict fail|skip|update`
void add_on_conflict(CLI::App& app, prism::store::OnConflict& on_conflict);

/// `--strict`
void add_strict(CLI::App& app, bool& strict);

}  // namespace prismctl
