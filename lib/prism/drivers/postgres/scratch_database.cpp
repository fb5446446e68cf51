#include <algorithm>
#include <random>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/postgres/identifier.hpp>
#include <prism/drivers/postgres/lock.hpp>
#include <prism/drivers/postgres/scratch_database.hpp>

namespace prism::postgres {
namespace {

constexpr std::string_view kTest = "prismctl_test_";
constexpr std::string_view kRestored = "_prismctl_restore_", kReplaced = "_prismctl_old_";
constexpr std::size_t kDigits = 16;

std::string random_hex() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

/// In ASCII, as statements about it come in the encoding of the dump.
std::string prefix_of(const std::string& database) {
  std::string prefix = shortened_name(database, kRestored.size() + kDigits);
  std::replace_if(
      prefix.begin(), prefix.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; },
      '_');
  return prefix;
}

std::int64_t lock_key_of(const std::string& hex) { return lock_key("prismctl restore " + hex); }

/// Advisory locks are each database's own, but all of them are seen from everywhere.
bool is_alive(Session& session, const std::string& hex) {
  return session.is_true(
      "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 "
      "AND granted AND (classid::bigint << 32) | objid::bigint = $1::bigint)",
      {std::to_string(lock_key_of(hex))});
}

bool exists(Session& session, const std::string& database) {
  return session.is_true("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", {database});
}

/// Those of restore tests, and of the restores within them, that died.
void remove_test_databases(Session& maintenance, Log& log) {
  for (const auto& row : maintenance.query("SELECT datname FROM pg_database")) {
    const std::string name = row[0].value();
    if (!name.starts_with(kTest)) continue;
    const std::string hex = name.substr(kTest.size(), kDigits);
    const bool ours =
        hex.size() == kDigits && hex.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!ours || is_alive(maintenance, hex)) continue;
    try {
      drop_database(maintenance, name);
      log.info("removed database " + name + ", which a restore test that died had left");
    } catch (const Failure& failure) {
      log.warning("database " + name + " of a restore test that died: " + failure.what());
    }
  }
}

/// Settings of the provider, which servers before 15 don't know.
std::string locale_sql(const DatabaseRecord& record, int version) {
  std::string sql = fmt::format(" LC_COLLATE {} LC_CTYPE {}", quoted_text(record.collate),
                                quoted_text(record.ctype));
  if (version < 150000) return sql;
  sql += " LOCALE_PROVIDER " + record.provider;
  if (record.provider == "icu") sql += " ICU_LOCALE " + quoted_text(record.locale);
  if (record.provider == "builtin") sql += " BUILTIN_LOCALE " + quoted_text(record.locale);
  if (!record.icu_rules.empty()) sql += " ICU_RULES " + quoted_text(record.icu_rules);
  return sql;
}

std::string tablespace_sql(Session& session, const std::string& tablespace, Log& log) {
  if (tablespace == "pg_default") return {};
  if (session.is_true("SELECT EXISTS (SELECT FROM pg_tablespace WHERE spcname = $1)",
                      {tablespace})) {
    return " TABLESPACE " + quoted_name(tablespace);
  }
  log.warning("this server has no tablespace " + tablespace + "; the default takes its place");
  return {};
}

std::string words_on(const DatabaseRecord& record) {
  const std::string locale =
      record.locale.empty() ? "" : fmt::format(", {} locale {}", record.provider, record.locale);
  return fmt::format("encoding {}, LC_COLLATE {}, LC_CTYPE {}{}", record.encoding, record.collate,
                     record.ctype, locale);
}

/// What the server says of CREATE DATABASE in words for who restores.
[[noreturn]] void explain(const Failure& failure, const DatabaseRecord& record) {
  if (failure.sqlstate() == "42501") {
    throw Error(ErrorCode::permission,
                std::string(failure.what()) + ": a restore makes a new database",
                "restore with --in-place, or ALTER ROLE … CREATEDB");
  }
  const bool elsewhere = failure.retryable() || failure.code() == ErrorCode::io ||
                         failure.code() == ErrorCode::unavailable;
  if (elsewhere) throw failure;
  throw Error(
      ErrorCode::configuration,
      fmt::format("{}; the backup is of a database with {}", failure.what(), words_on(record)),
      "install that locale where the server runs, and restart the server; nothing was "
      "touched");
}

}  // namespace

ScratchNames make_names(const std::string& database) {
  const std::string hex = random_hex(), prefix = prefix_of(database);
  return {hex, prefix + std::string(kRestored) + hex, prefix + std::string(kReplaced) + hex};
}

std::optional<std::string> hex_of(std::string_view name, const std::string& database) {
  const std::string prefix = prefix_of(database);
  if (!name.starts_with(prefix)) return {};
  name.remove_prefix(prefix.size());
  for (const std::string_view infix : {kRestored, kReplaced}) {
    if (!name.starts_with(infix)) continue;
    const std::string_view hex = name.substr(infix.size());
    const bool good = hex.size() == kDigits &&
                      hex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    if (good) return std::string(hex);
  }
  return {};
}

ScratchDatabase::ScratchDatabase(Server& server, ScratchNames names, const DatabaseRecord& record,
                                 Log& log)
    : server_(server), names_(std::move(names)), log_(log), guard_(server.open_maintenance()) {
  guard_->query(fmt::format("BEGIN; SELECT pg_advisory_xact_lock({})", lock_key_of(names_.hex)));
  // The server would end it, even where nobody waits for it any more.
  const auto session = server.open_uninterrupted();
  const std::string sql = fmt::format("CREATE DATABASE {} TEMPLATE template0 ENCODING {}",
                                      quoted_name(names_.restored), quoted_text(record.encoding)) +
                          locale_sql(record, session->version()) +
                          tablespace_sql(*session, record.tablespace, log);
  try {
    session->query(sql);
  } catch (const Failure& failure) {
    explain(failure, record);
  }
}

ScratchDatabase::~ScratchDatabase() {
  if (kept_) return;
  try {
    drop_database(*server_.open_uninterrupted(), names_.restored);
  } catch (const std::exception& e) {
    log_.warning("database " + names_.restored +
                 " is left, for the next restore to remove: " + e.what());
  }
}

// ---- TestDatabase -------------------------------------------------------------------------------

TestDatabase::TestDatabase(Server& server, Log& log)
    : server_(server), log_(log), guard_(server.open_maintenance()) {
  remove_test_databases(*guard_, log);
  const std::string hex = random_hex();
  name_ = std::string(kTest) + hex;
  guard_->query(fmt::format("BEGIN; SELECT pg_advisory_xact_lock({})", lock_key_of(hex)));
}

TestDatabase::~TestDatabase() {
  try {
    drop_database(*server_.open_uninterrupted(), name_);
  } catch (const std::exception& e) {
    log_.warning("database " + name_ +
                 " is left, for the next restore test to remove: " + e.what());
  }
}

void drop_database(Session& maintenance, const std::string& database) {
  const std::string name = quoted_name(database);
  const bool template_database = maintenance.is_true(
      "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)", {database});
  if (template_database) maintenance.query("ALTER DATABASE " + name + " IS_TEMPLATE false");
  const bool knows_force = maintenance.version() >= 130000;
  if (!knows_force) {
    maintenance.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
                      {database});
  }
  maintenance.query("DROP DATABASE IF EXISTS " + name + (knows_force ? " WITH (FORCE)" : ""));
}

void remove_leftovers(Session& maintenance, const std::string& database, Log& log) {
  const bool stands = exists(maintenance, database);
  for (const auto& row : maintenance.query("SELECT datname FROM pg_database")) {
    const std::string name = row[0].value();
    const auto hex = hex_of(name, database);
    if (!hex || is_alive(maintenance, *hex)) continue;
    // The old database without a new one under its name: somebody else has a hand in it.
    if (!stands && name.find(kReplaced) != std::string::npos) continue;
    try {
      drop_database(maintenance, name);
      log.info("removed database " + name + ", which a restore that was cut off had left");
    } catch (const Failure& failure) {
      log.warning("database " + name + " of a restore that was cut off: " + failure.what());
    }
  }
}

}  // namespace prism::postgres
