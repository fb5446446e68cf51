#include <fmt/format.h>

#include <prism/drivers/postgres/archive_text.hpp>
#include <prism/drivers/postgres/identifier.hpp>
#include <prism/drivers/postgres/row_counts.hpp>

namespace prism::postgres {
namespace {

/// As pg_dump sees it. Those of extensions are made by the extension, but for what it registers by
/// pg_extension_config_dump(). A standby can't read unlogged ones.
constexpr const char* kTables = R"(
WITH configuration AS (SELECT unnest(extconfig) AS oid, unnest(extcondition) AS condition
                       FROM pg_extension)
SELECT n.nspname, c.relname, coalesce(f.condition, '')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN configuration f ON f.oid = c.oid
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
  AND (f.oid IS NOT NULL OR NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
        AND d.deptype = 'e'))
  AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery())
ORDER BY 1, 2)";

/// Below 16384 are the oids of what initdb made.
constexpr const char* kObjects = R"(
SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.oid >= 16384 AND n.nspname NOT LIKE 'pg\_%')
    OR EXISTS (SELECT FROM pg_proc WHERE oid >= 16384)
    OR EXISTS (SELECT FROM pg_namespace WHERE oid >= 16384 AND nspname NOT LIKE 'pg\_%')
    OR EXISTS (SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
               WHERE t.oid >= 16384 AND n.nspname NOT LIKE 'pg\_%')
    OR EXISTS (SELECT FROM pg_extension WHERE oid >= 16384)
    OR EXISTS (SELECT FROM pg_largeobject_metadata))";

std::uint64_t rows_of(Session& session, const DumpedTable& table) {
  return session.number(fmt::format("SELECT count(*) FROM ONLY {}.{} {}", quoted_name(table.schema),
                                    quoted_name(table.name), table.condition));
}

}  // namespace

std::vector<DumpedTable> dumped_tables(Session& session) {
  std::vector<DumpedTable> tables;
  for (const auto& row : session.query(kTables)) {
    tables.push_back({row[0].value(), row[1].value(), row[2].value()});
  }
  return tables;
}

backup::Counts count_rows(Session& session, const std::vector<DumpedTable>& tables) {
  backup::Counts counts;
  for (const DumpedTable& table : tables) {
    counts[table_key(table.schema, table.name)] += rows_of(session, table);
  }
  const auto objects = session.number("SELECT count(*) FROM pg_largeobject_metadata");
  if (objects > 0) counts[kLargeObjects] = objects;
  return counts;
}

bool holds_objects(Session& session) { return session.is_true(kObjects); }

}  // namespace prism::postgres
