#include <thread>

#include <sqlite3.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/drivers/sqlite/database.hpp>

namespace prism::sqlite {
namespace {

struct Meaning {
  ErrorCode code;
  std::string_view hint;
};

Meaning meaning_of(int result) {
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

[[noreturn]] void fail(sqlite3* connection, int result, const std::string& file) {
  const char* words = connection == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(connection);
  const Meaning meaning = meaning_of(result);
  throw Error(meaning.code, file + ": " + words, std::string(meaning.hint));
}

[[noreturn]] void fail(sqlite3* connection, int result) {
  fail(connection, result, sqlite3_db_filename(connection, "main"));
}

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

/// Whether nobody can write here, and nothing waits in a write-ahead log: such a file is read as it
/// stands, because SQLite could not make the files that it shares with writers.
bool is_sealed(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  std::error_code error;
  const auto waiting = std::filesystem::file_size(file.string() + "-wal", error);
  return ::access(folder.c_str(), W_OK) != 0 && (error || waiting == 0);
}

/// https://www.sqlite.org/uri.html
std::string immutable_uri(const std::filesystem::path& file) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    if (c == '%' || c == '?' || c == '#') {
      uri += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

int cancel_requested(void* cancel) {
  return static_cast<const Cancel*>(cancel)->requested() ? 1 : 0;
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
  sqlite3* connection = connection_.get();
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_handler(connection, &Database::keep_waiting, this);
  // SQLite takes a void*; the handler gives the const back.
  sqlite3_progress_handler(connection, 20'000, &cancel_requested, const_cast<Cancel*>(&cancel_));
  if (options_.access == Access::read) {
    execute("PRAGMA query_only = ON");
  } else if (sqlite3_db_readonly(connection, "main") == 1) {
    throw Error(ErrorCode::permission, options_.file.string() + ": may not be written to",
                "check the owner and mode of the file");
  }
}

void Database::open() {
  const bool sealed = options_.access == Access::read && is_sealed(options_.file);
  const std::string name = sealed ? immutable_uri(options_.file) : options_.file.string();
  const int flags = sealed ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : flags_of(options_.access);
  sqlite3* connection = nullptr;
  const int result = sqlite3_open_v2(name.c_str(), &connection, flags, nullptr);
  connection_.reset(connection);
  if (result != SQLITE_OK) fail(connection, result, options_.file.string());
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

void Database::copy_from(Database& other) {
  sqlite3_backup* const backup =
      sqlite3_backup_init(connection_.get(), "main", other.connection_.get(), "main");
  if (backup == nullptr) fail(connection_.get(), sqlite3_errcode(connection_.get()));
  const auto step = [backup] { return sqlite3_backup_step(backup, -1) & 0xFF; };
  int result = step();
  for (int tries = 0; result == SQLITE_BUSY || result == SQLITE_LOCKED; result = step()) {
    if (keep_waiting(this, tries++) == 0) break;
  }
  const int finished = sqlite3_backup_finish(backup);
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
