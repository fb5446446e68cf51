#pragma once

namespace prism::postgres {

/// The names of a target's artifacts.
constexpr const char* kDump = "db.dump";
constexpr const char* kGlobals = "globals.sql";
constexpr const char* kRecord = "database.json";

/// How pg_dumpall ends what it writes.
constexpr const char* kGlobalsEnd = "-- PostgreSQL database cluster dump complete\n--\n\n";

}  // namespace prism::postgres
