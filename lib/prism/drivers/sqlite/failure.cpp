#include <string_view>

#include <sqlite3.h>

#include <prism/drivers/sqlite/failure.hpp>

namespace prism::sqlite {
namespace {

struct Meaning {
  ErrorCode code;
  std::string_view hint;
};

bool is_damage(int result) {
  const int primary = result & 0xFF;
  return primary == SQLITE_NOTADB || primary == SQLITE_CORRUPT || result == SQLITE_IOERR_SHORT_READ;
}

Meaning meaning_of(int result) {
  if (result == SQLITE_READONLY_ROLLBACK || result == SQLITE_READONLY_RECOVERY) {
    return {ErrorCode::permission,
            "a program died while it wrote to it: who may write to it has to open it once, by "
            "sqlite3 FILE .tables"};
  }
  switch (result & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::locked,
              "another program is writing to it; try again, or wait for it with "
              "--lock-wait SECONDS"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {ErrorCode::permission, "check the owner and mode of the file and of its folder"};
    case SQLITE_NOTADB:
      return {ErrorCode::configuration, "check --store and --cache: they name another file"};
    case SQLITE_FULL:
      return {ErrorCode::io, "the disk is full: what was there before is untouched"};
    case SQLITE_CORRUPT:
      return {ErrorCode::io, "restore it from a backup"};
    case SQLITE_CANTOPEN:
      return {ErrorCode::io, "check that its folder is there and may be written to"};
    case SQLITE_INTERRUPT:
      return {ErrorCode::interrupted, ""};
    case SQLITE_IOERR:
      return {ErrorCode::io, "the disk may be full or failing; what was there before is untouched"};
    default:
      return {ErrorCode::internal, ""};
  }
}

}  // namespace

void fail(sqlite3* connection, int result, const std::string& file) {
  const char* words = connection == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(connection);
  const Meaning meaning = meaning_of(result);
  const std::string message = file + ": " + words;
  if (is_damage(result)) throw DamagedError(meaning.code, message, std::string(meaning.hint));
  throw Error(meaning.code, message, std::string(meaning.hint));
}

void fail(sqlite3* connection, int result) {
  fail(connection, result, sqlite3_db_filename(connection, "main"));
}

}  // namespace prism::sqlite
