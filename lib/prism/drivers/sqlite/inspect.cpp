#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

#include <prism/drivers/sqlite/failure.hpp>
#include <prism/drivers/sqlite/inspect.hpp>

namespace prism::sqlite {
namespace {

namespace fs = std::filesystem;
using Remarks = std::vector<std::string>;

/// Within one of its steps, which may be minutes of a check, SQLite asks nobody.
class InterruptOnCancel {
 public:
  InterruptOnCancel(Database& database, const Cancel& cancel)
      : thread_([&](const std::stop_token& stop) { watch(stop, database, cancel); }) {}

 private:
  static void watch(const std::stop_token& stop, Database& database, const Cancel& cancel) {
    constexpr std::chrono::milliseconds kPause{100};
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested() && !cancel.requested()) {
      stopped.wait_for(lock, stop, kPause, [] { return false; });
    }
    if (cancel.requested()) database.interrupt();
  }

  std::jthread thread_;
};

std::string in_marks(std::string_view name, char quote) {
  std::string text(1, quote);
  for (const char c : name) text += std::string(c == quote ? 2 : 1, c);
  return text + quote;
}

std::vector<std::string> tables_of(Database& database) {
  Statement rows = database.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL %' "
      "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'");
  std::vector<std::string> names;
  while (rows.step()) names.emplace_back(rows.text(0));
  return names;
}

/// A row that breaks a rule of its table is none the less what the program has written.
bool is_rule(std::string_view words) {
  constexpr std::array kRules{"NULL value in ", "NUMERIC value in ", "TEXT value in ", "non-"};
  return std::any_of(kRules.begin(), kRules.end(),
                     [&](const char* rule) { return words.starts_with(rule); });
}

/// `of` is a table in quotes, or how many complaints there may be.
void quick_check(Database& database, const std::string& of, Remarks& remarks) {
  Statement rows = database.prepare("PRAGMA quick_check(" + of + ")");
  bool told = false;
  while (rows.step()) {
    const std::string words(rows.text(0));
    if (words == "ok") return;
    if (!is_rule(words)) throw DamagedError(ErrorCode::bad_data, "damaged: " + words);
    if (!std::exchange(told, true)) remarks.push_back(words);
  }
}

/// One by one, where one of them can't be looked through.
void check_tables(Database& database, Remarks& remarks) {
  std::vector<std::string> tables = tables_of(database);
  tables.emplace_back("sqlite_schema");
  for (const std::string& table : tables) {
    try {
      quick_check(database, in_marks(table, '\''), remarks);
    } catch (const Error& e) {
      if (e.code() != ErrorCode::internal) throw;
      // SQLite's words stand behind the name of a copy that goes again.
      const std::string_view words(e.what());
      const std::size_t name = database.file().string().size() + 2;
      remarks.push_back(
          fmt::format("table {} could not be checked: {}", table, words.substr(name)));
    }
  }
}

void require_all_pages(Database& database) {
  const auto bytes = database.integer("PRAGMA page_size") * database.integer("PRAGMA page_count");
  if (static_cast<std::uint64_t>(bytes) == fs::file_size(database.file())) return;
  throw DamagedError(ErrorCode::bad_data, "cut short");
}

void require_whole(Database& database, Remarks& remarks) {
  require_all_pages(database);
  database.execute("PRAGMA ignore_check_constraints = ON");
  try {
    quick_check(database, "1000000", remarks);
  } catch (const Error& e) {
    if (e.code() != ErrorCode::internal) throw;
    check_tables(database, remarks);
  }
}

}  // namespace

backup::Counts counts_of(Database& database) {
  backup::Counts counts;
  for (const std::string& table : tables_of(database)) {
    counts[table] = static_cast<std::uint64_t>(
        database.integer("SELECT count(*) FROM " + in_marks(table, '"')));
  }
  return counts;
}

backup::Content inspect(const fs::path& file, const Cancel& cancel) {
  if (fs::file_size(file) == 0) throw DamagedError(ErrorCode::bad_data, "empty");
  Database database({.file = file}, cancel);
  database.stand_in_for_collations();
  const InterruptOnCancel interrupt(database, cancel);
  backup::Content content{sqlite3_libversion(), {}};
  require_whole(database, content.remarks);
  content.counts = counts_of(database);
  cancel.check();
  return content;
}

}  // namespace prism::sqlite
