#include "options.hpp"

#include <algorithm>
#include <array>

#include <prism/base/text.hpp>

namespace prismctl {

CLI::Option* add_choice(CLI::App& app, const std::string& name, const std::string& names,
                        const std::string& help, std::function<void(std::size_t)> take,
                        bool several) {
  const auto known = CLI::detail::split(names, '|');
  const auto take_all = [name, names, known, take](const std::vector<std::string>& chosen) {
    for (const std::string& word : chosen) {
      const auto found = std::find(known.begin(), known.end(), word);
      if (found == known.end()) {
        throw CLI::ValidationError(
            name, "found " + prism::in_quotes(word) + ", expected one of " + names);
      }
      take(static_cast<std::size_t>(found - known.begin()));
    }
  };
  CLI::Option* option = app.add_option_function<std::vector<std::string>>(name, take_all, help);
  if (!several) return option->expected(1)->type_name(names);
  return option->delimiter(',')
      ->expected(1, static_cast<int>(known.size()))
      ->type_name(CLI::detail::join(known, ","));
}

void add_on_conflict(CLI::App& app, prism::store::OnConflict& on_conflict) {
  using prism::store::OnConflict;
  add_choice(app, "--on-conflict", "fail|skip|update",
             "What to do with a fact that is stored with other values (default: fail)",
             [&on_conflict](std::size_t chosen) {
               constexpr std::array kAll{OnConflict::fail, OnConflict::skip, OnConflict::update};
               on_conflict = kAll[chosen];
             });
}

void add_abort(CLI::App& app, bool& abort, CLI::Option* inputs) {
  app.add_flag("--abort", abort,
               "Load nothing; take out what a load has stored that was cut off half-way")
      ->excludes(inputs);
}

void add_via(CLI::App& app, std::optional<prism::LoadVia>& via) {
  using prism::LoadVia;
  add_choice(app, "--via", "bolt|load-csv",
             "How facts come into Neo4j (default: bolt); load-csv through files in "
             "PRISM_NEO4J_IMPORT_DIR, which the server must see",
             [&via](std::size_t chosen) {
               constexpr std::array kAll{LoadVia::bolt, LoadVia::load_csv};
               via = kAll[chosen];
             });
}

void add_strict(CLI::App& app, bool& strict) {
  app.add_flag("--strict", strict, "Load nothing, with exit code 65, when a row is rejected");
}

}  // namespace prismctl
