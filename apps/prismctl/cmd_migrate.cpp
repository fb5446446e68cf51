#include <fmt/format.h>

#include "command.hpp"

namespace prismctl {
namespace {

struct Options {
  bool dry_run = false;
};

Json to_json(const prism::store::Schema& schema, bool dry_run) {
  return {{"command", "migrate"},
          {"dry_run", dry_run},
          {"version", schema.version},
          {"newest", schema.newest},
          {"pending", schema.pending}};
}

int run(const Options& options, Session& session) {
  const auto store =
      session.open_store(options.dry_run ? prism::Access::read : prism::Access::create);
  Output& output = session.output();
  if (options.dry_run) {
    const auto schema = store->schema();
    for (const std::string& sql : schema.pending) output.line(sql);
    output.line(fmt::format("-- version {} of {}", schema.version, schema.newest));
    if (output.json()) output.document(to_json(schema, true));
    return 0;
  }
  const auto lock = store->lock("migrate", session.lock_wait());
  const auto before = store->schema();
  store->migrate();
  output.line(before.pending.empty()
                  ? fmt::format("schema version {}: nothing to do", before.version)
                  : fmt::format("schema version {} is now {}", before.version, before.newest));
  if (output.json()) output.document(to_json(before, false));
  return 0;
}

Run add(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_flag("--dry-run", options->dry_run, "Print the SQL, and change nothing");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace

Command migrate_command() {
  return {.name = "migrate",
          .summary = "Bring the schema of a store up to date",
          .examples = "prismctl migrate --store facts.db\nprismctl migrate --dry-run",
          .add = add,
          .audited = true};
}

}  // namespace prismctl
