#pragma once

#include <string>
#include <vector>

#include <prism/backup/component.hpp>
#include <prism/drivers/postgres/session.hpp>

namespace prism::postgres {

/// A table whose rows a dump holds.
struct DumpedTable {
  std::string schema, name;
  std::string condition;  ///< `WHERE …`, where an extension has but some of its rows dumped
};

/// All of them: ordinary tables, partitions among them, and what extensions mark as configuration.
std::vector<DumpedTable> dumped_tables(Session& session);

/// The rows of each and the large objects, by the same names as ArchiveCounter's.
backup::Counts count_rows(Session& session, const std::vector<DumpedTable>& tables);

/// Whether there is anything that a user made.
bool holds_objects(Session& session);

}  // namespace prism::postgres
