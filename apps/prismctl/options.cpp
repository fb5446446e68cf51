#include "options.hpp"

#include <map>

namespace prismctl {

void add_on_conflict(CLI::App& app, prism::store::OnConflict& on_conflict) {
  using prism::store::OnConflict;
  static const std::map<std::string, OnConflict> kNames{
      {"fail", OnConflict::fail}, {"skip", OnConflict::skip}, {"update", OnConflict::update}};
  app.add_option("--on-conflict", on_conflict,
                 "What to do with a fact that is stored with other values (default: fail)")
      ->transform(CLI::CheckedTransformer(kNames).description(""))
      ->type_name("fail|skip|update");
}

void add_strict(CLI::App& app, bool& strict) {
  app.add_flag("--strict", strict, "Load nothing, with exit code 65, when a row is rejected");
}

}  // namespace prismctl
