#include <algorithm>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/sha256.hpp>
#include <prism/store/migration.hpp>

namespace prism::store {
namespace {

const Migration* find(std::span<const Migration> migrations, Version version) {
  const auto found = std::find_if(migrations.begin(), migrations.end(),
                                  [=](const Migration& m) { return m.version == version; });
  return found == migrations.end() ? nullptr : &*found;
}

std::string known_versions(std::span<const Migration> migrations) {
  std::string text = "known are 0";
  for (const Migration& migration : migrations) text += fmt::format(", {}", migration.version);
  return text;
}

void require_known(const Schema& schema, Version to) {
  if (schema.version > schema.newest()) {
    throw Error(ErrorCode::configuration,
                fmt::format("schema version {} is newer than this program knows ({})",
                            schema.version, schema.newest()),
                "use the prismctl that wrote it, or a newer one");
  }
  if (to == 0 || find(schema.migrations, to) != nullptr) return;
  throw Error(ErrorCode::usage, fmt::format("there is no version {}", to),
              known_versions(schema.migrations));
}

/// `002_x` of `002_x.up.sql` and of `002_x.sql`; nothing where it is no file's name.
std::string_view stem_of(std::string_view name) {
  constexpr std::string_view kUp = ".up.sql", kPlain = ".sql";
  for (const std::string_view ending : {kUp, kPlain}) {
    if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  }
  return {};
}

MigrationStep step_down(const Migration& migration) {
  MigrationStep step{migration.version, migration.name, Direction::down, migration.down};
  if (!step.sql.empty()) return step;
  throw Error(ErrorCode::refused,
              fmt::format("version {} ({}) has no way back", migration.version, migration.name),
              stem_of(migration.name).empty() ? "" : "it would be in " + source_of(step));
}

}  // namespace

std::string_view direction_name(Direction direction) {
  return direction == Direction::up ? "up" : "down";
}

std::string source_of(const MigrationStep& step) {
  const std::string_view stem = stem_of(step.name);
  if (stem.empty()) return fmt::format("migration {} ({})", step.version, step.name);
  return step.direction == Direction::up ? step.name : std::string(stem) + ".down.sql";
}

MigrationPlan plan(const Schema& schema, std::optional<Version> to) {
  MigrationPlan plan{schema.version, to.value_or(schema.newest()), {}};
  require_known(schema, plan.to);
  for (const Migration& m : schema.migrations) {
    if (m.version > plan.from && m.version <= plan.to) {
      plan.steps.push_back({m.version, m.name, Direction::up, m.up});
    }
  }
  for (auto m = schema.migrations.rbegin(); m != schema.migrations.rend(); ++m) {
    if (m->version > plan.to && m->version <= plan.from) plan.steps.push_back(step_down(*m));
  }
  return plan;
}

void require_newest(const Schema& schema, const std::string& location) {
  if (schema.version == schema.newest()) return;
  const bool newer = schema.version > schema.newest();
  throw Error(ErrorCode::configuration,
              fmt::format("{}: schema version {} is {} ({})", location, schema.version,
                          newer ? "newer than this program knows" : "older than this program needs",
                          schema.newest()),
              newer ? "use the prismctl that wrote it, or a newer one"
                    : "prismctl migrate brings it up to date");
}

std::string checksum_of(std::string_view up) { return sha256_hex(up); }

void check_applied(std::span<const Migration> migrations,
                   std::span<const AppliedMigration> applied) {
  Version highest = 0;
  for (const AppliedMigration& was : applied) {
    highest = std::max(highest, was.version);
    const Migration* now = find(migrations, was.version);
    if (now == nullptr || checksum_of(now->up) == was.checksum) continue;
    throw Error(ErrorCode::refused,
                fmt::format("{}: changed since it was applied: SHA-256 was {}, is {}", now->name,
                            was.checksum, checksum_of(now->up)),
                "put it back as it was, and make the change in a new one with a higher number");
  }
  for (const Migration& m : migrations) {
    const bool was_applied = std::any_of(applied.begin(), applied.end(),
                                         [&](const auto& was) { return was.version == m.version; });
    if (was_applied || m.version > highest) continue;
    throw Error(ErrorCode::refused,
                fmt::format("{}: was not applied, but version {} was", m.name, highest),
                fmt::format("give it a number above {}", highest));
  }
}

std::vector<AppliedMigration> missing_among(std::span<const Migration> migrations,
                                            std::span<const AppliedMigration> applied) {
  std::vector<AppliedMigration> missing;
  for (const AppliedMigration& was : applied) {
    if (find(migrations, was.version) == nullptr) missing.push_back(was);
  }
  return missing;
}

std::string as_script(std::span<const MigrationStep> steps) {
  std::string script;
  for (const MigrationStep& step : steps) {
    script += fmt::format("-- {} {}: {}\n{}", direction_name(step.direction), step.version,
                          source_of(step), step.sql);
    if (!script.ends_with('\n')) script += '\n';
  }
  return script;
}

}  // namespace prism::store
