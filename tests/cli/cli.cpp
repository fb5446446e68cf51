#include "cli/cli.hpp"

#include <array>
#include <cstdlib>
#include <stdexcept>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "support/paths.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// What a build or a sanitizer needs to work at all.
constexpr std::array kPassedOn{"PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                               "LSAN_OPTIONS"};

void check(sqlite3* connection, int result) {
  if (result == SQLITE_OK) return;
  throw std::runtime_error(connection == nullptr ? "SQLite" : sqlite3_errmsg(connection));
}

std::string cell(sqlite3_stmt* row, int column) {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(row, column));
  if (sqlite3_column_type(row, column) == SQLITE_NULL) return "NULL";
  return {data == nullptr ? "" : data, static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

bool has_table(const Sql& sql, const std::string& table) {
  return sql.integer("SELECT count(*) FROM sqlite_schema WHERE name = '" + table + "'") > 0;
}

}  // namespace

// ---- Cli
// -----------------------------------------------------------------------------------------

Cli::Cli() {
  fs::create_directory(folder_ / "tmp");
  fs::create_directory(folder_ / "home");
}

Launch Cli::launch(const Words& words, const Variables& variables) const {
  Launch launch;
  launch.program = prismctl_program();
  launch.arguments = words;
  launch.folder = folder_.path();
  for (const char* name : kPassedOn) {
    if (const char* value = std::getenv(name)) launch.environment[name] = value;
  }
  launch.environment["HOME"] = (folder_ / "home").string();
  launch.environment["TMPDIR"] = (folder_ / "tmp").string();
  launch.environment["XDG_STATE_HOME"] = (folder_ / "state").string();
  // How busy the machine of the tests is must not matter.
  launch.environment["PRISMCTL_STATUS_WARN"] = "cpu_used=101,memory_used=101,disk_used=101";
  launch.environment["PRISMCTL_STATUS_CRITICAL"] = "disk_used=101";
  launch.environment["PRISMCTL_STATUS_TIME_LIMIT"] = "60";
  for (const auto& [name, value] : variables) launch.environment[name] = value;
  return launch;
}

Json Cli::json(Words words, const Variables& variables) const {
  words.push_back("--json");
  const Ended ended = (*this)(words, variables);
  CAPTURE(ended.err);
  return Json::parse(ended.out);
}

std::vector<std::string> Cli::left_behind() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(path())) {
    const std::string name = entry.path().filename().string();
    const bool temporary = entry.path().parent_path() == *this / "tmp";
    const bool ours =
        name.starts_with(".prismctl-convert-") || name.ends_with(".tmp") || name.ends_with(".lock");
    if (temporary || ours) names.push_back(fs::relative(entry.path(), path()).string());
  }
  return names;
}

std::vector<Json> Cli::audit() const {
  std::istringstream in(content_of(audit_file()));
  std::vector<Json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
  return lines;
}

// ---- Sql
// -----------------------------------------------------------------------------------------

Sql::Sql(const fs::path& file) {
  check(connection_, sqlite3_open_v2(file.c_str(), &connection_, SQLITE_OPEN_READWRITE, nullptr));
  sqlite3_busy_timeout(connection_, 10'000);
}

Sql::~Sql() { sqlite3_close(connection_); }

TextRows Sql::rows(const std::string& sql) const {
  sqlite3_stmt* statement = nullptr;
  check(connection_, sqlite3_prepare_v2(connection_, sql.c_str(), -1, &statement, nullptr));
  TextRows rows;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    TextRow& row = rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(statement); ++i) row.push_back(cell(statement, i));
  }
  check(connection_, sqlite3_finalize(statement));
  return rows;
}

std::string Sql::text(const std::string& sql) const { return rows(sql).at(0).at(0); }

void Sql::execute(const std::string& sql) const {
  check(connection_, sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr));
}

TextRows content_of_store(const fs::path& file) {
  const Sql sql(file);
  TextRows all;
  for (const std::string table :
       {"fact", "entity", "uid_range", "uid_temporary", "uid_blank", "cache_facts", "cache_lineage",
        "cache_subtypes", "cache_count"}) {
    all.push_back({table});
    if (!has_table(sql, table)) continue;
    const auto rows = sql.rows("SELECT * FROM " + table + " ORDER BY 1, 2");
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

TextRows facts_of(const fs::path& file) {
  return Sql(file).rows("SELECT * FROM fact ORDER BY fact_uid");
}

// ---- Inputs
// --------------------------------------------------------------------------------------

std::string table(std::initializer_list<std::string_view> facts) {
  std::string text = "1,2,101,60,15,201\n";
  for (const std::string_view fact : facts) {
    TextRow parts{""};
    for (const char c : fact) {
      if (c == ',') {
        parts.emplace_back();
      } else {
        parts.back() += c;
      }
    }
    text += fmt::format("{},{},name of {},{},{},name of {}\n", parts.at(0), parts.at(1),
                        parts.at(1), parts.at(2), parts.at(3), parts.at(3));
  }
  return text;
}

std::string many_facts(std::size_t count, bool with_new_uids) {
  std::string text = "1,2,101,60,15,201,65,10\n";
  for (std::size_t i = 0; i < count; ++i) {
    const std::string fact = with_new_uids && i % 50 == 7 ? "" : std::to_string(3'000'000 + i);
    const std::size_t left = with_new_uids && i % 70 == 9 ? 100 + i % 13 : 500'000 + i / 2;
    const std::size_t right = 500'000 + i / 7;
    const int relation = i % 4 == 0 && left > right ? 1146 : 1190;
    fmt::format_to(std::back_inserter(text),
                   "{},{},thing {},{},{},thing {},that is number {} of them,2001-03-21\n", fact,
                   left, left, relation, right, right, i);
  }
  return text;
}

bool there(const fs::path& file) {
  if (fs::exists(file)) return true;
  const char* ci = std::getenv("CI");
  const std::string skipped = "skipped, for there is no " + file.filename().string();
  if (ci != nullptr && std::string_view(ci) == "true") {
    FAIL_CHECK(skipped);
  } else {
    MESSAGE(skipped);
  }
  return false;
}

fs::path example(const std::string& name) { return examples() / name; }

fs::path real_workbook() { return shared_data() / "000_TOPini.xls"; }

std::string joined(const Words& words) { return fmt::format("{}", fmt::join(words, " ")); }

std::string missing_in(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    if (text.find(part) == std::string::npos) return part;
  }
  return {};
}

}  // namespace prism::test
