#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/postgres/lock.hpp>
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

std::string fact_table(const std::string& schema) {
  std::string sql = fmt::format("CREATE TABLE {}.fact (\n", schema);
  for (const gellish::PropertyInfo& property : gellish::properties()) {
    const bool key = property.property == gellish::Property::fact_uid;
    sql += fmt::format("  {} {}{},\n", property.name, type_of(property.kind),
                       key ? " PRIMARY KEY" : "");
  }
  return sql + "  extra jsonb\n);\n";
}

std::string first_version(const std::string& schema) {
  return fact_table(schema) + fmt::format(R"(CREATE TABLE {0}.entity (
  uid bigint PRIMARY KEY,
  name text,
  name_role integer NOT NULL,
  name_fact bigint NOT NULL
);
CREATE TABLE {0}.uid_range (
  kind text PRIMARY KEY,
  highest bigint NOT NULL
);
INSERT INTO {0}.uid_range VALUES ('entity', 0), ('fact', 0);
CREATE TABLE {0}.uid_temporary (
  workbook text,
  kind text,
  number bigint,
  uid bigint NOT NULL UNIQUE,
  PRIMARY KEY (workbook, kind, number)
);
CREATE TABLE {0}.uid_blank (
  workbook text,
  content bytea,
  occurrence bigint,
  uid bigint NOT NULL UNIQUE,
  PRIMARY KEY (workbook, content, occurrence)
);
CREATE TABLE {0}.run (
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
CREATE TABLE {0}.run_stage (
  run bigint REFERENCES {0}.run (id),
  position bigint,
  stage text NOT NULL,
  started timestamptz NOT NULL,
  finished timestamptz,
  PRIMARY KEY (run, position)
);
CREATE TABLE {0}.load (
  id uuid PRIMARY KEY,
  finished timestamptz NOT NULL,
  inserted bigint NOT NULL,
  unchanged bigint NOT NULL,
  updated bigint NOT NULL,
  skipped bigint NOT NULL
);
CREATE TABLE {0}.store_meta (
  key text PRIMARY KEY,
  value bigint NOT NULL
);
INSERT INTO {0}.store_meta VALUES ('watermark', 0);
)",
                                          schema);
}

/// The migration at index i leads from version i to i + 1.
std::vector<std::string> migrations(const std::string& schema) { return {first_version(schema)}; }

store::Schema read(pqxx::transaction_base& transaction, const Connections& connections) {
  const auto exists = [&](const std::string& name) {
    return transaction
        .exec1("SELECT to_regclass(" + transaction.quote(connections.schema() + name) +
               ") IS NOT NULL")[0]
        .as<bool>();
  };
  store::Schema schema;
  if (exists(".schema_migration")) {
    schema.version = transaction
                         .exec1("SELECT coalesce(max(version), 0) FROM " + connections.schema() +
                                ".schema_migration")[0]
                         .as<int>();
  } else if (exists(".fact")) {
    throw Error(ErrorCode::refused, "tables of another program");
  }
  auto all = migrations(connections.schema());
  schema.newest = static_cast<int>(all.size());
  for (auto i = static_cast<std::size_t>(schema.version); i < all.size(); ++i) {
    schema.pending.push_back(std::move(all[i]));
  }
  return schema;
}

}  // namespace

store::Schema read_schema(Connections& connections) {
  store::Schema schema;
  connections.transact(
      [&](pqxx::transaction_base& transaction) { schema = read(transaction, connections); });
  return schema;
}

void migrate(Connections& connections) {
  connections.transact([&](pqxx::transaction_base& transaction) {
    transaction.exec("SELECT pg_advisory_xact_lock(" +
                     lock_key(transaction, connections, "migrate") + ")");
    const store::Schema schema = read(transaction, connections);
    if (schema.pending.empty()) return;
    transaction.exec("CREATE SCHEMA IF NOT EXISTS " + connections.schema());
    transaction.exec("CREATE TABLE IF NOT EXISTS " + connections.schema() +
                     ".schema_migration (version integer PRIMARY KEY)");
    for (const std::string& sql : schema.pending) transaction.exec(sql);
    transaction.exec(fmt::format("INSERT INTO {}.schema_migration VALUES ({})",
                                 connections.schema(), schema.newest));
  });
}

void require_newest(Connections& connections) {
  const store::Schema schema = read_schema(connections);
  if (schema.version == schema.newest) return;
  const bool newer = schema.version > schema.newest;
  throw Error(ErrorCode::configuration,
              fmt::format("{}: schema version {} is {} ({})", connections.address().location,
                          schema.version,
                          newer ? "newer than this program knows" : "older than this program needs",
                          schema.newest),
              newer ? "use the prismctl that wrote it, or a newer one"
                    : "prismctl migrate brings it up to date");
}

}  // namespace prism::postgres
