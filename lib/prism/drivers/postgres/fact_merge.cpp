#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/fact_merge.hpp>
#include <prism/gellish/property.hpp>
#include <prism/store/entity_names.hpp>

namespace prism::postgres {
namespace {

std::uint64_t rows_of(const LibpqResult& result) { return std::stoull(PQcmdTuples(result.get())); }

/// `s.a, s.b`
std::string listed(const std::vector<std::string>& columns, std::string_view prefix) {
  return fmt::format("{}{}", prefix, fmt::join(columns, fmt::format(", {}", prefix)));
}

std::string shown(const PGresult* row, int column) {
  return PQgetisnull(row, 0, column) != 0 ? "nothing" : in_quotes(PQgetvalue(row, 0, column));
}

bool same(const PGresult* row, int column, int other) {
  return PQgetisnull(row, 0, column) == PQgetisnull(row, 0, other) &&
         std::string_view(PQgetvalue(row, 0, column)) == PQgetvalue(row, 0, other);
}

}  // namespace

std::vector<std::string> column_names(const gellish::FactLayout& layout) {
  std::vector<std::string> names;
  for (const gellish::Property property : layout.properties) {
    names.emplace_back(gellish::info(property).name);
  }
  if (layout.extra) names.emplace_back("extra");
  return names;
}

/// The facts of one layout that stand in the input for the nth time.
struct FactMerge::Step {
  Step(const std::vector<gellish::FactLayout>& layouts, std::size_t layout,
       std::uint32_t occurrence)
      : columns(column_names(layouts[layout])),
        staged(fmt::format("s.layout = {} AND s.occurrence = {}", layout, occurrence)),
        differs(fmt::format("ROW({}) IS DISTINCT FROM ROW({})", listed(columns, "s."),
                            listed(columns, "f."))) {}

  std::vector<std::string> columns;
  std::string staged;   ///< whether a row `s` of the staging table is one of them
  std::string differs;  ///< whether `s` says something else than the stored fact `f`
};

FactMerge::FactMerge(BulkConnection& connection, std::string schema, store::OnConflict on_conflict)
    : connection_(connection), schema_(std::move(schema)), on_conflict_(on_conflict) {
  connection_.execute(
      fmt::format("CREATE TEMP TABLE prism_staged_fact ON COMMIT DROP AS SELECT 0::bigint AS "
                  "position, 0 AS layout, 0 AS occurrence, * FROM {}.fact WITH NO DATA",
                  schema_));
  connection_.execute("CREATE TEMP TABLE prism_stale_entity (uid bigint) ON COMMIT DROP");
}

std::string FactMerge::copy_sql(const gellish::FactLayout& layout) {
  return fmt::format(
      "COPY pg_temp.prism_staged_fact (position, layout, occurrence, {}) FROM STDIN (FORMAT "
      "binary)",
      fmt::join(column_names(layout), ", "));
}

store::LoadSummary FactMerge::run(const std::vector<gellish::FactLayout>& layouts,
                                  std::uint32_t most_occurrences) {
  connection_.execute("ANALYZE pg_temp.prism_staged_fact (fact_uid, layout, occurrence)");
  for (std::uint32_t occurrence = 0; occurrence <= most_occurrences; ++occurrence) {
    for (std::size_t layout = 0; layout < layouts.size(); ++layout) {
      merge(Step(layouts, layout, occurrence));
    }
  }
  return summary_;
}

void FactMerge::merge(const Step& step) {
  if (meet_stored(step)) {
    if (on_conflict_ == store::OnConflict::fail) fail(step);
    note_entities(step);
    if (on_conflict_ == store::OnConflict::update) update(step);
  }
  insert(step);
}

/// Counts those that are stored already. Returns whether some say something else.
bool FactMerge::meet_stored(const Step& step) {
  const LibpqResult counted = connection_.execute(
      fmt::format("SELECT count(*), count(*) FILTER (WHERE {}) FROM pg_temp.prism_staged_fact s "
                  "JOIN {}.fact f USING (fact_uid) WHERE {}",
                  step.differs, schema_, step.staged));
  const auto met = std::stoull(PQgetvalue(counted.get(), 0, 0));
  const auto differing = std::stoull(PQgetvalue(counted.get(), 0, 1));
  summary_.unchanged += met - differing;
  if (on_conflict_ == store::OnConflict::update) {
    summary_.updated += differing;
  } else {
    summary_.skipped += differing;
  }
  return differing > 0;
}

void FactMerge::insert(const Step& step) {
  summary_.inserted += rows_of(connection_.execute(fmt::format(
      "INSERT INTO {0}.fact ({1}) SELECT {2} FROM pg_temp.prism_staged_fact s WHERE {3} AND NOT "
      "EXISTS (SELECT FROM {0}.fact f WHERE f.fact_uid = s.fact_uid)",
      schema_, fmt::join(step.columns, ", "), listed(step.columns, "s."), step.staged)));
}

void FactMerge::update(const Step& step) {
  std::vector<std::string> sets;
  for (const std::string& column : step.columns) sets.push_back(column + " = s." + column);
  const std::string differing =
      fmt::format("f.fact_uid = s.fact_uid AND {} AND {}", step.staged, step.differs);
  connection_.execute(
      fmt::format("UPDATE {}.fact f SET {} FROM pg_temp.prism_staged_fact s WHERE {}", schema_,
                  fmt::join(sets, ", "), differing));
}

/// Before an update, so that those are noted which the fact was about until then.
void FactMerge::note_entities(const Step& step) {
  connection_.execute(fmt::format(
      "INSERT INTO pg_temp.prism_stale_entity SELECT e.uid FROM pg_temp.prism_staged_fact s "
      "JOIN {}.fact f USING (fact_uid), LATERAL (VALUES (f.lh_object_uid), (f.rh_object_uid), "
      "(s.lh_object_uid), (s.rh_object_uid)) AS e (uid) "
      "WHERE e.uid IS NOT NULL AND {} AND {}",
      schema_, step.staged, step.differs));
}

void FactMerge::fail(const Step& step) {
  const LibpqResult row = connection_.execute(fmt::format(
      "SELECT s.fact_uid, {}, {} FROM pg_temp.prism_staged_fact s JOIN {}.fact f USING (fact_uid) "
      "WHERE {} AND {} ORDER BY s.position LIMIT 1",
      listed(step.columns, "s."), listed(step.columns, "f."), schema_, step.staged, step.differs));
  const auto width = static_cast<int>(step.columns.size());
  int column = 1;
  while (column < width && same(row.get(), column, column + width)) ++column;
  throw Error(
      ErrorCode::refused,
      fmt::format("fact {} is stored with other values: {} is {}, the input has {}",
                  PQgetvalue(row.get(), 0, 0), step.columns[static_cast<std::size_t>(column) - 1],
                  shown(row.get(), column + width), shown(row.get(), column)),
      "nothing was loaded; choose with --on-conflict skip or --on-conflict update");
}

/// As EntityNames collects them.
void FactMerge::refresh_names() {
  connection_.execute(fmt::format(
      "DELETE FROM {0}.entity USING pg_temp.prism_stale_entity d WHERE entity.uid = d.uid",
      schema_));
  connection_.execute(fmt::format(
      "WITH stale AS (SELECT DISTINCT uid FROM pg_temp.prism_stale_entity), "
      "said AS (SELECT lh_object_uid AS uid, lh_object_name AS name, fact_uid, "
      "CASE rel_type_uid WHEN {1} THEN {2} ELSE {4} END AS role FROM {0}.fact "
      "WHERE lh_object_uid IN (SELECT uid FROM stale) UNION ALL "
      "SELECT rh_object_uid, rh_object_name, fact_uid, {3} FROM {0}.fact "
      "WHERE rh_object_uid IN (SELECT uid FROM stale)) "
      "INSERT INTO {0}.entity (uid, name, name_role, name_fact) "
      "SELECT DISTINCT ON (uid) uid, nullif(name, ''), role, fact_uid FROM (SELECT uid, name, "
      "fact_uid, CASE WHEN coalesce(name, '') = '' THEN {5} ELSE role END AS role FROM said) named "
      "ORDER BY uid, role, fact_uid",
      schema_, store::kSpecialization, static_cast<int>(store::NameSource::specialization),
      static_cast<int>(store::NameSource::right), static_cast<int>(store::NameSource::left),
      static_cast<int>(store::NameSource::none)));
}

}  // namespace prism::postgres
