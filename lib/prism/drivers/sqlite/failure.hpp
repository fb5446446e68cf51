#pragma once

#include <string>

#include <prism/base/error.hpp>

struct sqlite3;

namespace prism::sqlite {

/// A file that is no SQLite database, or no sound one.
class DamagedError : public Error {
 public:
  using Error::Error;
};

/// Throws what a result code means, with SQLite's own words. Without a connection, or before one
/// has a file, `file` names it.
[[noreturn]] void fail(sqlite3* connection, int result, const std::string& file);
[[noreturn]] void fail(sqlite3* connection, int result);

}  // namespace prism::sqlite
