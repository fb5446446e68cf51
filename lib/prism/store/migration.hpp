#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>

namespace prism::store {

/// A version of the tables of a database: from 1 on, 0 for none. Numbers may be left out.
using Version = std::int64_t;

/// What leads to a version from the one before, and back.
struct Migration {
  Version version = 0;
  std::string name;  ///< for people; of a system's own files the name of the file
  std::string up;    ///< SQL, or what is like it
  std::string down;  ///< empty: there is no way back
};

/// The version of a store's tables, and all that this program knows.
struct Schema {
  Version version = 0;
  std::vector<Migration> migrations;  ///< by version

  Version newest() const { return migrations.empty() ? 0 : migrations.back().version; }
};

enum class Direction : std::uint8_t { up, down };

PRISM_API std::string_view direction_name(Direction direction);

/// One migration to be applied or taken back.
struct MigrationStep {
  Version version = 0;
  std::string name;
  Direction direction = Direction::up;
  std::string sql;
};

/// The file of a step, where its migration bears the name of one (`002_x.up.sql` or `002_x.sql`,
/// and `002_x.down.sql`), else the migration's number and name.
PRISM_API std::string source_of(const MigrationStep& step);

/// What lies between one version and another.
struct MigrationPlan {
  Version from = 0;
  Version to = 0;
  std::vector<MigrationStep> steps;  ///< in the order in which they are taken
};

/// The way from a schema's version to `to`, by default the newest. Throws Error(configuration) for
/// a schema newer than all that is known, Error(usage) for a `to` that is no version, and
/// Error(refused) for a step that has no way back.
PRISM_API MigrationPlan plan(const Schema& schema, std::optional<Version> to = std::nullopt);

/// Throws Error(configuration) unless the schema of what lies at `location` is the newest.
PRISM_API void require_newest(const Schema& schema, const std::string& location);

/// A migration that a database says was applied.
struct AppliedMigration {
  Version version = 0;
  std::string name;
  std::string checksum;
};

/// SHA-256 of what leads up, in hexadecimal digits, as sha256sum prints that of its file: what a
/// database remembers of it.
PRISM_API std::string checksum_of(std::string_view up);

/// Throws Error(refused) that names each applied migration that is no longer what it was, and the
/// lowest that was not applied although a higher one was.
PRISM_API void check_applied(std::span<const Migration> migrations,
                             std::span<const AppliedMigration> applied);

/// Those that were applied and are not among the migrations.
PRISM_API std::vector<AppliedMigration> missing_among(std::span<const Migration> migrations,
                                                      std::span<const AppliedMigration> applied);

/// The SQL of all steps, each with a comment in front that names it.
PRISM_API std::string as_script(std::span<const MigrationStep> steps);

}  // namespace prism::store
