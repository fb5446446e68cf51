#include <fmt/format.h>

#include <prism/drivers/sqlite/fact_reader.hpp>
#include <prism/drivers/sqlite/schema.hpp>
#include <prism/store/entity_names.hpp>

namespace prism::sqlite {

SqliteFactReader::SqliteFactReader(const std::filesystem::path& file, const Cancel& cancel)
    : database_({.file = file}, cancel), snapshot_(database_, "BEGIN") {
  require_newest(database_);
  // What a sort may hold before it spills: enough for 2,000,000 pairs.
  database_.execute("PRAGMA cache_size = -65536");
}

void SqliteFactReader::each_membership(const std::function<void(Uid entity, Uid fact)>& take) {
  Statement rows = database_.prepare(
      "SELECT lh_object_uid AS entity, fact_uid AS fact FROM fact UNION ALL "
      "SELECT rh_object_uid, fact_uid FROM fact WHERE rh_object_uid <> lh_object_uid "
      "ORDER BY entity, fact");
  while (rows.step()) take(rows.integer(0), rows.integer(1));
}

void SqliteFactReader::each_specialization(
    const std::function<void(Uid fact, Uid subtype, Uid supertype)>& take) {
  Statement rows =
      database_.prepare(fmt::format("SELECT fact_uid, lh_object_uid, rh_object_uid FROM fact "
                                    "WHERE rel_type_uid IN ({}, {}) ORDER BY fact_uid",
                                    store::kSpecialization, store::kQualification));
  while (rows.step()) take(rows.integer(0), rows.integer(1), rows.integer(2));
}

std::int64_t SqliteFactReader::watermark() {
  return database_.integer("SELECT value FROM store_meta WHERE key = 'watermark'");
}

}  // namespace prism::sqlite
