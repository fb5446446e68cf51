#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>
#include <prism/drivers/neo4j/unpacker.hpp>

namespace prism::neo4j {

enum class AccessMode : std::uint8_t { read, write };

struct Query {
  std::string_view cypher;
  std::string_view parameters = {};  ///< a packed map; empty: none
};

/// Called for each record, with `fields` at the first of its fields, of which there are as many as
/// the query returns; those that are not taken are passed over. What it throws ends the query and
/// the connection.
using TakeRecord = std::function<void(Unpacker& fields)>;

/// The same; false: no more of them.
using TakeSome = std::function<bool(Unpacker& fields)>;

struct Counters {
  std::int64_t nodes_created = 0;
  std::int64_t nodes_deleted = 0;
  std::int64_t relationships_created = 0;
  std::int64_t relationships_deleted = 0;
  std::int64_t properties_set = 0;
  std::int64_t labels_added = 0;
  std::int64_t labels_removed = 0;
  std::int64_t indexes_added = 0;
  std::int64_t indexes_removed = 0;
  std::int64_t constraints_added = 0;
  std::int64_t constraints_removed = 0;
  std::int64_t system_updates = 0;
  bool operator==(const Counters&) const = default;
};

/// What the server said of a query that is done.
struct Summary {
  std::vector<std::string> fields;  ///< the names of what it returned
  Counters counters;
  std::string bookmark;  ///< of a query that committed by itself
  std::string database;
  bool stopped = false;  ///< there were more records, but TakeSome wanted none
};

}  // namespace prism::neo4j
