#pragma once

#include <memory>
#include <string>
#include <vector>

#include <prism/drivers/postgres/component.hpp>

#include "contract/component.hpp"
#include "support/postgres.hpp"
#include "support/quiet.hpp"
#include "support/temporary.hpp"

namespace prism::test {

/// A database as odd as PostgreSQL allows, as a target of backups. It and its roles are gone
/// afterwards.
class PostgresTarget : public contract::ComponentFixture {
 public:
  explicit PostgresTarget(const std::string& server = postgres_server());
  ~PostgresTarget() override;

  std::unique_ptr<backup::Component> open() override { return open(options()); }
  std::unique_ptr<backup::Component> open(const postgres::ComponentOptions& options) {
    return postgres::open_component(options, quiet_.log(), quiet_.cancel());
  }
  postgres::ComponentOptions options() const;

  /// Its dump as SQL, made by pg_dump alone, and what that doesn't hold.
  std::string state() override;
  void change() override;
  void remove() override;
  bool damage() override;

  const std::string& name() const { return name_; }
  const std::string& role() const { return role_; }
  std::string url() const { return url_of(name_); }
  std::string url_of(const std::string& database) const;
  Quiet& quiet() { return quiet_; }

  void execute(const std::string& sql) const;
  /// In the server's first database, without a transaction.
  void execute_outside(const std::string& sql) const;
  std::string text(const std::string& sql) const;
  std::string text_outside(const std::string& sql) const;
  /// Databases that restores have made of it and not removed.
  std::vector<std::string> leftovers() const;

 private:
  std::string server_, name_, role_, reader_;
  Folder folder_;
  Quiet quiet_;
};

}  // namespace prism::test
