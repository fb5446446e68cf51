#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/setup/migration_files.hpp>

#include "command.hpp"

namespace prismctl {
namespace {

using prism::store::MigrationPlan;
using prism::store::Version;

struct Options {
  bool dry_run = false;
  std::optional<Version> to;
  std::string folder;
  std::string target;
};

/// What was done or would be, and the newest version that is known.
struct Migrated {
  MigrationPlan plan;
  Version newest = 0;
};

Json to_json(const Options& options, const Migrated& migrated) {
  Json pending = Json::array();
  Json steps = Json::array();
  for (const auto& step : migrated.plan.steps) {
    pending.push_back(step.sql);
    steps.push_back({{"version", step.version},
                     {"direction", direction_name(step.direction)},
                     {"name", step.name}});
  }
  Json json{{"command", "migrate"},
            {"dry_run", options.dry_run},
            {"version", migrated.plan.from},
            {"newest", migrated.newest},
            {"pending", pending},
            {"to", migrated.plan.to},
            {"steps", steps}};
  if (!options.target.empty()) json["target"] = options.target;
  return json;
}

void tell_dry_run(const Migrated& migrated, Output& output) {
  std::string script = as_script(migrated.plan.steps);
  if (!script.empty()) script.pop_back();
  if (!script.empty()) output.line(script);
  output.line(fmt::format("-- version {} of {}", migrated.plan.from, migrated.newest));
}

void tell(const Migrated& migrated, Output& output) {
  const MigrationPlan& plan = migrated.plan;
  for (const auto& step : plan.steps) {
    output.line(fmt::format("{:<4} {}", direction_name(step.direction), source_of(step)));
  }
  output.line(plan.steps.empty() ? fmt::format("schema version {}: nothing to do", plan.from)
                                 : fmt::format("schema version {} is now {}", plan.from, plan.to));
}

Migrated migrate_store(const Options& options, Session& session) {
  // Nothing is made only to find that it is empty.
  const auto write = options.to == 0 ? prism::Access::write : prism::Access::create;
  const auto store = session.open_store(options.dry_run ? prism::Access::read : write);
  if (options.dry_run) {
    const auto schema = store->schema();
    return {plan(schema, options.to), schema.newest()};
  }
  const auto lock = store->lock("migrate", session.lock_wait());
  const auto before = store->schema();
  const MigrationPlan wanted = plan(before, options.to);
  // By its number: then it may also merge what stands there twice.
  store->migrate(wanted.to);
  return {wanted, before.newest()};
}

Migrated migrate_target(const Options& options, Session& session) {
  const auto targets = session.targets();
  const auto& target = target_named(targets, options.target);
  const auto migrations = prism::setup::read_migration_files(options.folder, session.log());
  session.touch("target " + target.name);
  return {prism::drivers::migrate_target(
              target, migrations,
              {options.to, options.dry_run, session.lock_wait(), session.settings().servers()},
              session.log(), session.cancel()),
          migrations.back().version};
}

int run(const Options& options, Session& session) {
  const Migrated migrated =
      options.target.empty() ? migrate_store(options, session) : migrate_target(options, session);
  Output& output = session.output();
  if (output.json()) output.document(to_json(options, migrated));
  if (options.dry_run) {
    tell_dry_run(migrated, output);
  } else {
    tell(migrated, output);
  }
  return 0;
}

Run add(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_flag("--dry-run", options->dry_run, "Print the SQL, and change nothing");
  app.add_option_function<Version>(
         "--to", [options](const Version& version) { options->to = version; },
         "The version to go up or down to (default: the newest); 0 is before the first")
      ->check(CLI::NonNegativeNumber.description(""))
      ->type_name("VERSION");
  auto* folder = app.add_option("--dir", options->folder,
                                "A system's own migrations, such as 001_initial.sql, or "
                                "001_initial.up.sql and 001_initial.down.sql")
                     ->type_name("DIR");
  auto* target =
      app.add_option("--target", options->target, "The database that they are for, by its name")
          ->type_name("NAME");
  folder->needs(target);
  target->needs(folder);
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace

Command migrate_command() {
  return {.name = "migrate",
          .summary = "Bring the schema of a store or of a system's database to a version",
          .examples =
              "prismctl migrate --store facts.db\nprismctl migrate --dry-run\n"
              "prismctl migrate --env-file .env --dir migrations --target store",
          .add = add,
          .audited = true};
}

}  // namespace prismctl
