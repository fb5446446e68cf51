#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <prism/drivers/load_via.hpp>
#include <prism/store/store.hpp>

namespace prismctl {

/// An option whose value is one of `names`, separated by `|`; `take` gets the place of each one
/// that was named. With `several`, they are separated by commas.
CLI::Option* add_choice(CLI::App& app, const std::string& name, const std::string& names,
                        const std::string& help, std::function<void(std::size_t)> take,
                        bool several = false);

/// A nested subcommand: where it is named it becomes the `action` of the options.
template <typename Options>
CLI::App* add_action(CLI::App& app, const std::shared_ptr<Options>& options,
                     const std::string& name, const std::string& help,
                     decltype(Options::action) action) {
  CLI::App* const one = app.add_subcommand(name, help)->fallthrough();
  one->callback([options, action] { options->action = action; });
  return one;
}

/// `--on-conflict fail|skip|update`
void add_on_conflict(CLI::App& app, prism::store::OnConflict& on_conflict);

/// `--abort`, which goes without the inputs.
void add_abort(CLI::App& app, bool& abort, CLI::Option* inputs);

/// `--via bolt|load-csv`
void add_via(CLI::App& app, std::optional<prism::LoadVia>& via);

/// `--strict`
void add_strict(CLI::App& app, bool& strict);

}  // namespace prismctl
