#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/sqlite/schema.hpp>
#include <prism/gellish/property.hpp>

namespace prism::sqlite {
namespace {

/// `PRSM`: marks the file as a store of ours (PRAGMA application_id).
constexpr std::int64_t kApplicationId = 0x5052534D;

std::string fact_table() {
  std::string sql = "CREATE TABLE fact (\n";
  for (const gellish::PropertyInfo& property : gellish::properties()) {
    const bool number =
        property.kind == gellish::ValueKind::uid || property.kind == gellish::ValueKind::integer;
    const bool key = property.property == gellish::Property::fact_uid;
    sql += fmt::format("  {} {}{},\n", property.name, number ? "INTEGER" : "TEXT",
                       key ? " PRIMARY KEY" : "");
  }
  return sql + "  extra TEXT\n) STRICT;\n";
}

std::string first_version() {
  return fact_table() + R"(CREATE TABLE entity (
  uid INTEGER PRIMARY KEY,
  name TEXT,
  name_role INTEGER NOT NULL,
  name_fact INTEGER NOT NULL
) STRICT;
CREATE TABLE uid_range (
  kind TEXT PRIMARY KEY,
  highest INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE uid_temporary (
  workbook TEXT NOT NULL,
  kind TEXT NOT NULL,
  number INTEGER NOT NULL,
  uid INTEGER NOT NULL UNIQUE,
  PRIMARY KEY (workbook, kind, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE uid_blank (
  workbook TEXT NOT NULL,
  content BLOB NOT NULL,
  occurrence INTEGER NOT NULL,
  uid INTEGER NOT NULL UNIQUE,
  PRIMARY KEY (workbook, content, occurrence)
) STRICT, WITHOUT ROWID;
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  command TEXT NOT NULL,
  inputs TEXT NOT NULL,
  state TEXT NOT NULL,
  stage TEXT NOT NULL,
  started TEXT NOT NULL,
  finished TEXT,
  host TEXT NOT NULL,
  process INTEGER NOT NULL,
  summary TEXT
) STRICT;
CREATE TABLE run_stage (
  run INTEGER NOT NULL REFERENCES run (id),
  position INTEGER NOT NULL,
  stage TEXT NOT NULL,
  started TEXT NOT NULL,
  finished TEXT,
  PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE store_meta (
  key TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO store_meta VALUES ('watermark', 0);
)";
}

constexpr const char* kNoTables = R"(DROP TABLE run_stage;
DROP TABLE run;
DROP TABLE uid_blank;
DROP TABLE uid_temporary;
DROP TABLE uid_range;
DROP TABLE store_meta;
DROP TABLE entity;
DROP TABLE fact;
)";

std::vector<store::Migration> migrations() {
  return {{1, "facts, entities, UIDs and runs", first_version(), kNoTables}};
}

bool has_tables(Database& database) {
  return database.integer("SELECT EXISTS (SELECT 1 FROM sqlite_schema)") != 0;
}

}  // namespace

void require_ours(Database& database) {
  const auto application = database.integer("PRAGMA application_id");
  if (application == kApplicationId) return;
  if (application != 0 || database.integer("PRAGMA user_version") != 0 || has_tables(database)) {
    throw Error(ErrorCode::refused,
                database.file().string() + ": an SQLite database of another program",
                "choose another file with --store; nothing was changed in this one");
  }
}

store::Schema read_schema(Database& database) {
  require_ours(database);
  return {database.integer("PRAGMA user_version"), migrations()};
}

void require_newest(Database& database) {
  store::require_newest(read_schema(database), database.file().string());
}

void mark_as_ours(Database& database) {
  database.execute(fmt::format("PRAGMA application_id = {}", kApplicationId));
}

void enable_readers(Database& database) { database.execute("PRAGMA journal_mode = WAL"); }

namespace {

store::MigrationPlan plan_of(Database& database, std::optional<store::Version> to) {
  const store::Schema schema = read_schema(database);
  if (schema.version > schema.newest()) require_newest(database);
  return store::plan(schema, to);
}

/// What leads to version 0 drops the tables.
void require_expendable(Database& database) {
  const auto facts = database.integer("SELECT count(*) FROM fact");
  if (facts == 0 && database.integer("SELECT count(*) FROM uid_range") == 0) return;
  throw Error(
      ErrorCode::refused,
      facts > 0 ? fmt::format("{}: version 0 would drop {} facts", database.file().string(), facts)
                : database.file().string() +
                      ": version 0 would forget which UIDs were "
                      "given out",
      "prismctl reset is for that");
}

}  // namespace

void migrate(Database& database, std::optional<store::Version> to) {
  if (plan_of(database, to).steps.empty()) return;
  // Counts for a new file only, and can't be set in a transaction.
  database.execute("PRAGMA page_size = 8192");
  Transaction transaction(database);
  const store::MigrationPlan plan = plan_of(database, to);
  if (plan.to == 0 && plan.from > 0) require_expendable(database);
  for (const store::MigrationStep& step : plan.steps) database.execute(step.sql);
  mark_as_ours(database);
  database.execute(fmt::format("PRAGMA user_version = {}", plan.to));
  transaction.commit();
}

}  // namespace prism::sqlite
