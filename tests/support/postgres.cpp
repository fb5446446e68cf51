#include "support/postgres.hpp"

#include <random>
#include <stdexcept>

#include <fmt/format.h>
#include <pqxx/pqxx>

#include "support/services.hpp"

namespace prism::test {
namespace {

/// CREATE DATABASE and DROP DATABASE take no transaction.
void execute_alone(const std::string& url, const std::string& sql) {
  pqxx::connection connection(url);
  pqxx::nontransaction(connection).exec(sql);
}

}  // namespace

std::string postgres_server() {
  const auto server = service("PRISM_TEST_POSTGRES");
  if (!server) throw std::runtime_error("there is no PRISM_TEST_POSTGRES");
  return *server;
}

std::string with_database(const std::string& url, const std::string& database) {
  const auto begin = url.find('/', url.find("://") + 3);
  const auto parameters = url.find('?');
  return url.substr(0, std::min(begin, parameters)) + "/" + database +
         (parameters == std::string::npos ? "" : url.substr(parameters));
}

PostgresDatabase::PostgresDatabase(const std::string& server, const std::string& name)
    : server_(server),
      name_(name.empty() ? fmt::format("prism_test_{:08x}", std::random_device()()) : name) {
  execute_alone(server_, "CREATE DATABASE " + name_);
}

PostgresDatabase::~PostgresDatabase() {
  try {
    drop();
  } catch (const std::exception&) {
    // The server is gone, and the database with it.
  }
}

bool PostgresDatabase::exists() const {
  pqxx::connection connection(server_);
  pqxx::work work(connection);
  return !work.exec("SELECT FROM pg_database WHERE datname = " + work.quote(name_)).empty();
}

void PostgresDatabase::drop() const {
  execute_alone(server_, "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
}

void PostgresDatabase::execute(const std::string& sql) const {
  pqxx::connection connection(url());
  pqxx::work work(connection);
  work.exec(sql);
  work.commit();
}

std::vector<std::vector<std::string>> PostgresDatabase::rows(const std::string& sql) const {
  pqxx::connection connection(url());
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : pqxx::work(connection).exec(sql)) {
    auto& cells = rows.emplace_back();
    for (const auto& field : row) cells.emplace_back(field.is_null() ? "NULL" : field.c_str());
  }
  return rows;
}

std::string PostgresDatabase::text(const std::string& sql) const { return rows(sql).at(0).at(0); }

struct PostgresTransaction::Open {
  explicit Open(const std::string& url) : connection(url), transaction(connection) {}

  pqxx::connection connection;
  pqxx::work transaction;
};

PostgresTransaction::PostgresTransaction(const PostgresDatabase& database)
    : open_(std::make_unique<Open>(database.url())) {}

PostgresTransaction::~PostgresTransaction() = default;

void PostgresTransaction::execute(const std::string& sql) const { open_->transaction.exec(sql); }

}  // namespace prism::test
