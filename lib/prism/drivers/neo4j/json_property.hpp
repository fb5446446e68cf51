#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>
#include <prism/drivers/neo4j/json_text.hpp>
#include <prism/drivers/neo4j/unpacker.hpp>

namespace prism::neo4j {

// The values of properties, between PackStream and the JSON of graph_lines.hpp:
//
//   BOOLEAN, STRING   true, false; a string
//   INTEGER           a number without point and exponent
//   FLOAT             a number with a point or an exponent; {"float":"NaN"}, "Infinity",
//   "-Infinity" BYTES             {"bytes":"…"}, Base64 (RFC 4648) DATE              {"date":days}
//   since 1970-01-01 LOCAL TIME        {"localtime":nanoseconds} since midnight ZONED TIME
//   {"time":[nanoseconds,offset]}; the offset in seconds east of UTC LOCAL DATETIME
//   {"localdatetime":[seconds,nanoseconds]} since 1970-01-01T00:00 there ZONED DATETIME
//   {"datetime":[seconds,nanoseconds,zone]} since 1970-01-01T00:00Z; the zone is
//                     an offset or a name, such as "Europe/Amsterdam"
//   DURATION          {"duration":[months,days,seconds,nanoseconds]}
//   POINT             {"point":[srid,x,y]}, {"point":[srid,x,y,z]}
//   LIST              […] of values of one of these types

/// Appends the JSON of the value that comes next. Throws Error(io) for what isn't PackStream or no
/// property of Neo4j's, Error(configuration) for a time whose moment an old server doesn't tell.
PRISM_API void append_property(std::string& json, Unpacker& from);

/// Appends the entries of the map that comes next, as `"key":value,…`.
PRISM_API void append_properties(std::string& json, Unpacker& from);

/// Reads a value and appends it in PackStream. Throws Error(bad_data) for what is no value of a
/// property, and for what no server would take.
PRISM_API void pack_property(std::string& packed, JsonLine& json);

/// Reads an object, appends its keys and values in PackStream without a header, and returns how
/// many there are. Throws Error(bad_data) also for a key that comes twice.
PRISM_API std::size_t pack_properties(std::string& packed, JsonLine& json);

}  // namespace prism::neo4j
