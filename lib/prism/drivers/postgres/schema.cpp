#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/postgres/cancel_watch.hpp>
#include <prism/drivers/postgres/migrations.hpp>
#include <prism/drivers/postgres/schema.hpp>
#include <prism/gellish/property.hpp>

namespace prism::postgres {
namespace {

std::string_view type_of(gellish::ValueKind kind) {
  switch (kind) {
    case gellish::ValueKind::integer:
    case gellish::ValueKind::uid:
      return "bigint";
    case gellish::ValueKind::date:
      return "date";
    case gellish::ValueKind::text:
      break;
  }
  return "text";
}

std::string fact_table() {
  std::string sql = "CREATE TABLE fact (\n";
  for (const gellish::PropertyInfo& property : gellish::properties()) {
    const bool key = property.property == gellish::Property::fact_uid;
    sql += fmt::format("  {} {}{},\n", property.name, type_of(property.kind),
                       key ? " PRIMARY KEY" : "");
  }
  return sql + "  extra jsonb\n);\n";
}

constexpr const char* kOtherTables = R"(CREATE TABLE entity (
  uid bigint PRIMARY KEY,
  name text,
  name_role integer NOT NULL,
  name_fact bigint NOT NULL
);
CREATE TABLE uid_range (
  kind text PRIMARY KEY,
  highest bigint NOT NULL,
  first bigint
);
COMMENT ON COLUMN uid_range.first IS 'the first UID that was ever given out';
INSERT INTO uid_range VALUES ('entity', 0), ('fact', 0);
CREATE TABLE uid_temporary (
  workbook text,
  kind text,
  number bigint,
  uid bigint NOT NULL UNIQUE,
  PRIMARY KEY (workbook, kind, number)
);
CREATE TABLE uid_blank (
  workbook text,
  content bytea,
  occurrence bigint,
  uid bigint NOT NULL UNIQUE,
  PRIMARY KEY (workbook, content, occurrence)
);
CREATE TABLE run (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  command text NOT NULL,
  inputs text NOT NULL,
  state text NOT NULL,
  stage text NOT NULL,
  started timestamptz NOT NULL,
  finished timestamptz,
  host text NOT NULL,
  process bigint NOT NULL,
  summary text
);
CREATE TABLE run_stage (
  run bigint REFERENCES run (id),
  position bigint,
  stage text NOT NULL,
  started timestamptz NOT NULL,
  finished timestamptz,
  PRIMARY KEY (run, position)
);
CREATE TABLE load (
  id uuid PRIMARY KEY,
  finished timestamptz NOT NULL,
  inserted bigint NOT NULL,
  unchanged bigint NOT NULL,
  updated bigint NOT NULL,
  skipped bigint NOT NULL
);
CREATE TABLE store_meta (
  key text PRIMARY KEY,
  value bigint NOT NULL
);
INSERT INTO store_meta VALUES ('watermark', 0);
)";

constexpr const char* kNoTables = R"(DROP TABLE store_meta;
DROP TABLE load;
DROP TABLE run_stage;
DROP TABLE run;
DROP TABLE uid_blank;
DROP TABLE uid_temporary;
DROP TABLE uid_range;
DROP TABLE entity;
DROP TABLE fact;
)";

std::vector<store::Migration> migrations() {
  return {{1, "facts, entities, UIDs and runs", fact_table() + kOtherTables, kNoTables}};
}

void require_no_other_tables(pqxx::transaction_base& transaction, const Address& address) {
  const pqxx::row count = transaction.exec1(
      "SELECT count(*) FROM pg_tables WHERE tablename <> 'schema_migration' AND schemaname = " +
      transaction.quote(address.schema));
  if (count[0].as<int>() == 0) return;
  throw Error(ErrorCode::refused,
              fmt::format("{}: schema {} holds tables of another program", address.location,
                          address.schema),
              "choose another with PRISMCTL_POSTGRES_SCHEMA; nothing was changed in this one");
}

/// What leads to version 0 drops the tables.
void require_expendable(pqxx::transaction_base& transaction, const Connections& connections) {
  const pqxx::row held = transaction.exec1(fmt::format(
      "SELECT (SELECT count(*) FROM {0}.fact), (SELECT sum(highest) FROM {0}.uid_range)",
      connections.schema()));
  const auto facts = held[0].as<std::int64_t>();
  if (facts == 0 && held[1].as<std::int64_t>() == 0) return;
  const std::string& location = connections.address().location;
  throw Error(ErrorCode::refused,
              facts > 0 ? fmt::format("{}: version 0 would drop {} facts", location, facts)
                        : location + ": version 0 would forget which UIDs were given out",
              "prismctl reset is for that");
}

/// Calls `work` with what runs the migrations of the store.
void with_migrator(Connections& connections, const std::function<void(Migrator&)>& work) {
  const auto all = migrations();
  MigrationOptions options = store_migrations(connections.address().schema);
  // Nobody migrates for long: who comes second may as well wait.
  options.lock_wait = std::max(std::chrono::seconds(10), connections.lock_wait());
  options.before = [&](pqxx::transaction_base& transaction, const store::MigrationPlan& plan) {
    if (plan.from == 0) require_no_other_tables(transaction, connections.address());
    if (plan.to == 0 && plan.from > 0) require_expendable(transaction, connections);
  };
  connections.retried([&] {
    const Connections::Lease lease = connections.take();
    translated([&] {
      const CancelWatch watch(*lease, connections.cancel());
      Migrator migrator(*lease, all, options, connections.log(), connections.cancel());
      work(migrator);
    });
  });
}

}  // namespace

store::Schema read_schema(Connections& connections) {
  store::Schema schema;
  with_migrator(connections, [&](Migrator& migrator) { schema = migrator.schema(); });
  return schema;
}

void migrate(Connections& connections, std::optional<store::Version> to) {
  with_migrator(connections, [&](Migrator& migrator) { migrator.run(to); });
}

void require_newest(Connections& connections) {
  store::require_newest(read_schema(connections), connections.address().location);
}

}  // namespace prism::postgres
