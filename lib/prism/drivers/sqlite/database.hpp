#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <prism/base/access.hpp>
#include <prism/base/cancel.hpp>
#include <prism/drivers/sqlite/unlocked_read.hpp>

struct sqlite3;
struct sqlite3_stmt;

namespace prism::sqlite {

/// A prepared statement. Parameters count from 1, columns from 0. Texts that are bound must live
/// until the statement has been stepped or reset; texts that are read live until the next step.
class Statement {
 public:
  Statement(sqlite3* connection, const Cancel& cancel, std::string_view sql);

  void bind(int parameter, std::int64_t value);
  void bind(int parameter, std::string_view text);
  void bind_blob(int parameter, std::span<const std::uint8_t> bytes);
  void bind_null(int parameter);

  /// Whether there is a row. Throws Error after resetting the statement; that of the signal, once
  /// there was one.
  bool step();
  void reset();
  /// For statements without rows: steps and resets.
  void run();

  /// The same for an insert; false when a primary key was there already.
  bool run_unless_there();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  const Cancel* cancel_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// Resets a statement that is left before its last row, so that it holds no lock.
class ResetOnExit {
 public:
  explicit ResetOnExit(Statement& statement) : statement_(statement) {}
  ~ResetOnExit() { statement_.reset(); }
  ResetOnExit(const ResetOnExit&) = delete;
  ResetOnExit& operator=(const ResetOnExit&) = delete;

 private:
  Statement& statement_;
};

struct Options {
  std::filesystem::path file;
  Access access = Access::read;
  std::chrono::milliseconds busy_wait{5000};  ///< how long to wait for another's transaction
};

/// A connection to one SQLite file. Long statements end with Error(interrupted) once `cancel` is
/// requested. What is only read is read under SQLite's locks, but where it can't have them, as
/// UnlockedRead says.
class Database {
 public:
  Database(Options options, const Cancel& cancel);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::filesystem::path& file() const { return options_.file; }

  void execute(const std::string& sql);
  Statement prepare(std::string_view sql) { return {connection_.get(), cancel_, sql}; }
  /// The first column of the first row.
  std::int64_t integer(std::string_view sql);
  std::string text(std::string_view sql);
  /// Rows that the last statement changed.
  std::int64_t changes() const;
  bool in_transaction() const;

  /// Collations that a program has taught SQLite for itself are taken for the order of bytes:
  /// enough to count, not to look something up.
  void stand_in_for_collations();

  /// Ends the statement that another thread runs here. Any thread may.
  void interrupt();

  /// Replaces all of this database by another's content, by SQLite's online backup
  /// (sqlite.org/backup.html), within one read of the other one: else a writer would make it begin
  /// again for ever. Who reads here sees what was there before or all of the new content; a cut is
  /// rolled back. A writer over there waits only where it has no write-ahead log. Where the other
  /// has pages of another size, this one gives up its own log, for which nobody else may have it
  /// open.
  void copy_from(Database& other);

 private:
  void open();
  void connect(const std::string& name, int flags);
  bool can_be_locked();
  void give_up_log();
  void copy_pages(Database& other);
  static int keep_waiting(void* self, int tries);

  struct Close {
    void operator()(sqlite3* connection) const;
  };
  Options options_;
  const Cancel& cancel_;
  std::optional<UnlockedRead> unlocked_;
  std::unique_ptr<sqlite3, Close> connection_;
};

/// Rolls back unless committed. Takes the write lock at once; within another transaction it is a
/// part of that one.
class Transaction {
 public:
  explicit Transaction(Database& database, const char* begin = "BEGIN IMMEDIATE");
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool nested_;
  bool open_ = true;
};

}  // namespace prism::sqlite
