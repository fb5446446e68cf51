#include <algorithm>
#include <cstring>
#include <thread>

#include <sqlite3.h>

#include <prism/base/error.hpp>
#include <prism/drivers/sqlite/database.hpp>
#include <prism/drivers/sqlite/failure.hpp>

namespace prism::sqlite {
namespace {

void check(sqlite3* connection, int result) {
  if (result != SQLITE_OK) fail(connection, result);
}

int flags_of(Access access) {
  // Every connection is used by one thread: SQLite's own locks would cost a tenth of a load. A
  // reader too may have to take back what a killed writer left, so it is opened for writing where
  // the file allows that.
  const int create = access == Access::create ? SQLITE_OPEN_CREATE : 0;
  return SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | create;
}

int cancel_requested(void* cancel) {
  return static_cast<const Cancel*>(cancel)->requested() ? 1 : 0;
}

/// A collation, as sqlite3_create_collation takes it.
int compare_bytes(void*, int size, const void* bytes, int other_size, const void* other) {
  const auto common = static_cast<std::size_t>(std::min(size, other_size));
  const int order = std::memcmp(bytes, other, common);
  return order != 0 ? order : size - other_size;
}

}  // namespace

// ---- Statement ----------------------------------------------------------------------------------

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement::Statement(sqlite3* connection, const Cancel& cancel, std::string_view sql)
    : cancel_(&cancel) {
  sqlite3_stmt* statement = nullptr;
  check(connection, sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()),
                                       SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
  statement_.reset(statement);
}

void Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
}

void Statement::bind(int parameter, std::string_view text) {
  // A null pointer would bind NULL, not an empty text.
  const char* data = text.data() == nullptr ? "" : text.data();
  const int result = sqlite3_bind_text64(statement_.get(), parameter, data, text.size(),
                                         SQLITE_STATIC, SQLITE_UTF8);
  if (result != SQLITE_OK) fail(sqlite3_db_handle(statement_.get()), result);
}

void Statement::bind_blob(int parameter, std::span<const std::uint8_t> bytes) {
  check(
      sqlite3_db_handle(statement_.get()),
      sqlite3_bind_blob64(statement_.get(), parameter, bytes.data(), bytes.size(), SQLITE_STATIC));
}

void Statement::bind_null(int parameter) { sqlite3_bind_null(statement_.get(), parameter); }

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  sqlite3* connection = sqlite3_db_handle(statement_.get());
  sqlite3_reset(statement_.get());
  cancel_->check();
  fail(connection, result);
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

void Statement::run() {
  step();
  reset();
}

bool Statement::run_unless_there() {
  const int result = sqlite3_step(statement_.get());
  sqlite3_reset(statement_.get());
  if (result == SQLITE_DONE) return true;
  if (result == SQLITE_CONSTRAINT_PRIMARYKEY || result == SQLITE_CONSTRAINT_ROWID) return false;
  cancel_->check();
  fail(sqlite3_db_handle(statement_.get()), result);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

// ---- Database -----------------------------------------------------------------------------------

void Database::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

Database::Database(Options options, const Cancel& cancel)
    : options_(std::move(options)), cancel_(cancel) {
  if (options_.access != Access::create && !std::filesystem::exists(options_.file)) {
    throw Error(ErrorCode::input_missing, options_.file.string() + ": there is no such store",
                "prismctl seed makes one");
  }
  open();
  if (options_.access == Access::read) {
    execute("PRAGMA query_only = ON");
  } else if (sqlite3_db_readonly(connection_.get(), "main") == 1) {
    throw Error(ErrorCode::permission, options_.file.string() + ": may not be written to",
                "check the owner and mode of the file");
  }
}

void Database::open() {
  connect(options_.file.string(), flags_of(options_.access));
  const bool in_doubt = options_.access == Access::read && !has_writable_folder(options_.file);
  if (!in_doubt || can_be_locked()) return;
  unlocked_.emplace(options_.file);
  connect(unlocked_->uri(), SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI);
}

void Database::connect(const std::string& name, int flags) {
  sqlite3* connection = nullptr;
  const int result = sqlite3_open_v2(name.c_str(), &connection, flags, nullptr);
  connection_.reset(connection);
  if (result != SQLITE_OK) fail(connection, result, options_.file.string());
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_handler(connection, &Database::keep_waiting, this);
  // SQLite takes a void*; the handler gives the const back.
  sqlite3_progress_handler(connection, 20'000, &cancel_requested, const_cast<Cancel*>(&cancel_));
}

/// Not where it would have to make a log for that and can't.
bool Database::can_be_locked() {
  const int result =
      sqlite3_exec(connection_.get(), "PRAGMA schema_version", nullptr, nullptr, nullptr);
  if ((result & 0xFF) == SQLITE_CANTOPEN || result == SQLITE_READONLY_DIRECTORY) return false;
  cancel_.check();
  if (result != SQLITE_OK) fail(connection_.get(), result);
  return true;
}

Database::~Database() = default;

int Database::keep_waiting(void* self, int tries) {
  constexpr std::chrono::milliseconds kPause{5};
  auto* database = static_cast<Database*>(self);
  if (database->cancel_.requested() || tries * kPause >= database->options_.busy_wait) return 0;
  std::this_thread::sleep_for(kPause);
  return 1;
}

void Database::execute(const std::string& sql) {
  const int result = sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (result == SQLITE_OK) return;
  cancel_.check();
  fail(connection_.get(), result);
}

std::int64_t Database::integer(std::string_view sql) {
  Statement statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::string Database::text(std::string_view sql) {
  Statement statement = prepare(sql);
  return statement.step() ? std::string(statement.text(0)) : std::string();
}

std::int64_t Database::changes() const { return sqlite3_changes64(connection_.get()); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(connection_.get()) == 0; }

void Database::stand_in_for_collations() {
  sqlite3_collation_needed(
      connection_.get(), nullptr, [](void*, sqlite3* connection, int, const char* name) {
        sqlite3_create_collation(connection, name, SQLITE_UTF8, nullptr, &compare_bytes);
      });
}

void Database::interrupt() { sqlite3_interrupt(connection_.get()); }

void Database::copy_from(Database& other) {
  Transaction snapshot(other, "BEGIN");
  other.integer("PRAGMA schema_version");  // it begins with the first read
  integer("PRAGMA schema_version");
  if (integer("PRAGMA page_size") != other.integer("PRAGMA page_size")) give_up_log();
  copy_pages(other);
  if (other.unlocked_) other.unlocked_->require_unchanged();
}

void Database::give_up_log() {
  for (int tries = 0;; ++tries) {
    try {
      return execute("PRAGMA journal_mode = DELETE");
    } catch (const Error& e) {
      if (e.code() != ErrorCode::locked || keep_waiting(this, tries) == 0) throw;
    }
  }
}

void Database::copy_pages(Database& other) {
  constexpr int kPages = 2048;  // between two looks at `cancel_`
  const auto finish = [](sqlite3_backup* backup) { sqlite3_backup_finish(backup); };
  std::unique_ptr<sqlite3_backup, decltype(finish)> backup(
      sqlite3_backup_init(connection_.get(), "main", other.connection_.get(), "main"), finish);
  if (!backup) fail(connection_.get(), sqlite3_errcode(connection_.get()));
  int result = SQLITE_OK;
  for (int tries = 0; result != SQLITE_DONE;) {
    cancel_.check();
    result = sqlite3_backup_step(backup.get(), kPages);
    const bool busy = (result & 0xFF) == SQLITE_BUSY || (result & 0xFF) == SQLITE_LOCKED;
    if (result == SQLITE_OK || result == SQLITE_DONE) continue;
    if (!busy || keep_waiting(this, tries++) == 0) break;
  }
  const int finished = sqlite3_backup_finish(backup.release());
  if (result == SQLITE_DONE && finished == SQLITE_OK) return;
  cancel_.check();
  fail(connection_.get(), result == SQLITE_DONE ? finished : result);
}

// ---- Transaction --------------------------------------------------------------------------------

Transaction::Transaction(Database& database, const char* begin)
    : database_(database), nested_(database.in_transaction()) {
  database_.execute(nested_ ? "SAVEPOINT nested" : begin);
}

Transaction::~Transaction() {
  if (!open_ || !database_.in_transaction()) return;
  try {
    database_.execute(nested_ ? "ROLLBACK TO nested; RELEASE nested" : "ROLLBACK");
  } catch (const Error&) {
    // The connection is about to be closed, which rolls back as well.
  }
}

void Transaction::commit() {
  database_.execute(nested_ ? "RELEASE nested" : "COMMIT");
  open_ = false;
}

}  // namespace prism::sqlite
