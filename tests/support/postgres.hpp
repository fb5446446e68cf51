#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace prism::test {

/// The URL of the superuser's database on the test server, PRISM_TEST_POSTGRES: see has_service.
std::string postgres_server();

/// The same server, role and parameters with another database.
std::string with_database(const std::string& url, const std::string& database);

/// A database of one test case, gone afterwards. Every call connects anew, so that nothing is left
/// of a server that was restarted in between.
class PostgresDatabase {
 public:
  /// By default of a name that no other has.
  explicit PostgresDatabase(const std::string& server = postgres_server(),
                            const std::string& name = {});
  ~PostgresDatabase();
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;

  const std::string& name() const { return name_; }
  std::string url() const { return with_database(server_, name_); }
  bool exists() const;
  /// Whoever is connected.
  void drop() const;

  /// Any number of statements, in one transaction.
  void execute(const std::string& sql) const;
  /// NULL is `NULL`.
  std::vector<std::vector<std::string>> rows(const std::string& sql) const;
  /// The first column of the first row.
  std::string text(const std::string& sql) const;
  std::int64_t integer(const std::string& sql) const { return std::stoll(text(sql)); }

 private:
  std::string server_;
  std::string name_;
};

/// A transaction that stays open until this ends, and is rolled back then.
class PostgresTransaction {
 public:
  explicit PostgresTransaction(const PostgresDatabase& database);
  ~PostgresTransaction();
  PostgresTransaction(const PostgresTransaction&) = delete;
  PostgresTransaction& operator=(const PostgresTransaction&) = delete;

  void execute(const std::string& sql) const;

 private:
  struct Open;
  std::unique_ptr<Open> open_;
};

}  // namespace prism::test
