#include <set>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/connections.hpp>
#include <prism/drivers/postgres/failure.hpp>
#include <prism/drivers/postgres/identifier.hpp>
#include <prism/drivers/postgres/lock.hpp>
#include <prism/drivers/postgres/user_table.hpp>

namespace prism::postgres {
namespace {

using setup::AddOutcome;
using setup::SetOutcome;
using setup::User;
using Transaction = pqxx::transaction_base;

constexpr const char* kCreate = R"(CREATE TABLE {} (
  id serial PRIMARY KEY,
  username varchar(50) NOT NULL UNIQUE,
  email varchar(255) UNIQUE,
  password_hash varchar(255) NOT NULL,
  first_name varchar(100),
  last_name varchar(100),
  created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  last_login timestamptz,
  is_active boolean NOT NULL DEFAULT true,
  is_admin boolean NOT NULL DEFAULT false
))";

constexpr const char* kInsert =
    "INSERT INTO {} (username, email, password_hash, created_at, updated_at, is_active, is_admin) "
    "VALUES ($1, nullif($2, ''), $3, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, $4, $5)";

/// How many are read at once.
constexpr int kTogether = 1000;

/// A time as format_utc writes it, empty for none. One without a zone is read as UTC, for that is
/// what the transaction has.
std::string utc(std::string_view column) {
  return fmt::format(
      "coalesce(to_char({}::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '')",
      column);
}

User user_of(const pqxx::row& row) {
  return {row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<bool>(),
          row[3].as<bool>(),        row[4].as<std::string>(), row[5].as<std::string>()};
}

class PostgresUserTable : public setup::UserTable {
 public:
  PostgresUserTable(const config::Target& target, const Options& options, Log& log,
                    const Cancel& cancel)
      : schema_(target.schema), connections_(options, log, cancel) {
    transact([&](Transaction& transaction) { look(transaction); });
  }

  std::string location() const override { return connections_.address().location; }

  bool create() override {
    bool made = false;
    transact([&](Transaction& transaction) {
      transaction.exec(fmt::format("SELECT pg_advisory_xact_lock({})", lock_key("prismctl users")));
      look(transaction);
      made = table_.empty();
      if (!made) return;
      const std::string table = schema_to_be(transaction) + ".users";
      transaction.exec(fmt::format(kCreate, table));
      table_ = table;
    });
    return made;
  }

  AddOutcome add(const User& user, const std::string& password_hash) override {
    AddOutcome outcome = AddOutcome::added;
    try {
      transact([&](Transaction& transaction) { outcome = add(transaction, user, password_hash); });
    } catch (const Failure& failure) {
      if (!failure.sqlstate().starts_with("23")) throw;
      throw Error(ErrorCode::refused, location() + ": " + failure.what(),
                  "the table is another program's, and wants more than prismctl gives it");
    }
    return outcome;
  }

  std::optional<User> find(const std::string& username) override {
    std::optional<User> user;
    if (table_.empty()) return user;
    transact([&](Transaction& transaction) {
      const pqxx::result rows =
          transaction.exec_params(select() + " WHERE username = $1", username);
      if (!rows.empty()) user = user_of(rows[0]);
    });
    return user;
  }

  void each(const std::function<void(const User&)>& take) override {
    if (table_.empty()) return;
    std::vector<User> users = page({});
    while (!users.empty()) {
      for (const User& user : users) take(user);
      users = page(users.back().username);
    }
  }

  SetOutcome set_password(const std::string& username, const std::string& password_hash) override {
    return set(username, "password_hash = $2", password_hash);
  }

  SetOutcome set_active(const std::string& username, bool active, bool keep_an_admin) override {
    SetOutcome outcome = SetOutcome::unknown_user;
    if (table_.empty()) return outcome;
    transact([&](Transaction& transaction) {
      lock_table(transaction);
      if (!active && keep_an_admin && is_last_admin(transaction, username)) {
        outcome = SetOutcome::last_admin;
        return;
      }
      outcome = update(transaction, username, "is_active = $2", active ? "true" : "false");
    });
    return outcome;
  }

 private:
  /// Times without a zone are UTC, for us as for the systems.
  void transact(const std::function<void(Transaction&)>& work) {
    connections_.transact([&](Transaction& transaction) {
      transaction.exec("SET LOCAL TimeZone = 'UTC'");
      work(transaction);
    });
  }

  /// Finds the table, and what it lacks.
  void look(Transaction& transaction) {
    const std::string name = schema_.empty() ? "users" : quoted_name(schema_) + ".users";
    const pqxx::result rows = transaction.exec_params(
        "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), a.attname FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'v', 'f') AND a.attnum > 0 "
        "AND NOT a.attisdropped",
        name);
    table_.clear();
    if (rows.empty()) return;
    std::set<std::string, std::less<>> columns;
    for (const pqxx::row& row : rows) columns.insert(row[1].as<std::string>());
    const std::string missing =
        setup::missing_columns([&](std::string_view column) { return columns.contains(column); });
    const std::string table = rows[0][0].as<std::string>();
    if (!missing.empty()) {
      throw Error(ErrorCode::configuration,
                  fmt::format("{}: its table {} lacks {}", location(), table, missing),
                  "it is of another kind; name another target with --target, or the schema by "
                  "?schema= in its URL");
    }
    table_ = table;
  }

  /// The one in which a new table is made.
  std::string schema_to_be(Transaction& transaction) const {
    if (!schema_.empty()) return quoted_name(schema_);
    const pqxx::row current = transaction.exec1("SELECT quote_ident(current_schema())");
    if (!current[0].is_null()) return current[0].as<std::string>();
    throw Error(ErrorCode::configuration,
                location() + ": the search path names no schema that a table could be made in",
                "name one by ?schema= in the target's URL");
  }

  std::string select() const {
    return fmt::format(
        "SELECT username, coalesce(email, ''), coalesce(is_active, false), "
        "coalesce(is_admin, false), {}, {} FROM {}",
        utc("created_at"), utc("last_login"), table_);
  }

  AddOutcome add(Transaction& transaction, const User& user,
                 const std::string& password_hash) const {
    // Whoever adds another at the same time waits: then neither is told of a constraint.
    lock_table(transaction);
    if (count(transaction, "username = $1", user.username) > 0) {
      // By ourselves, where the answer to the first commit was lost: no two hashes are alike.
      return count(transaction, "password_hash = $1", password_hash) > 0 ? AddOutcome::added
                                                                         : AddOutcome::name_taken;
    }
    if (!user.email.empty() && count(transaction, "email = $1", user.email) > 0) {
      return AddOutcome::email_taken;
    }
    transaction.exec_params0(fmt::format(kInsert, table_), user.username, user.email, password_hash,
                             user.active, user.admin);
    return AddOutcome::added;
  }

  /// The first of those behind a name.
  std::vector<User> page(const std::optional<std::string>& after) {
    std::vector<User> users;
    const std::string order = fmt::format(" ORDER BY username LIMIT {}", kTogether);
    transact([&](Transaction& transaction) {
      users.clear();
      const pqxx::result rows =
          after ? transaction.exec_params(select() + " WHERE username > $1" + order, *after)
                : transaction.exec(select() + " WHERE username IS NOT NULL" + order);
      for (const pqxx::row& row : rows) users.push_back(user_of(row));
    });
    return users;
  }

  /// Against others who change users; who reads them goes on.
  void lock_table(Transaction& transaction) const {
    transaction.exec("LOCK TABLE " + table_ + " IN SHARE ROW EXCLUSIVE MODE");
  }

  std::int64_t count(Transaction& transaction, const std::string& where,
                     const std::string& value) const {
    return transaction
        .exec_params1(fmt::format("SELECT count(*) FROM {} WHERE {}", table_, where), value)[0]
        .as<std::int64_t>();
  }

  bool is_last_admin(Transaction& transaction, const std::string& username) const {
    return count(transaction, "is_admin AND is_active AND username = $1", username) > 0 &&
           count(transaction, "is_admin AND is_active AND username <> $1", username) == 0;
  }

  SetOutcome set(const std::string& username, const std::string& column, const std::string& value) {
    SetOutcome outcome = SetOutcome::unknown_user;
    if (table_.empty()) return outcome;
    transact(
        [&](Transaction& transaction) { outcome = update(transaction, username, column, value); });
    return outcome;
  }

  SetOutcome update(Transaction& transaction, const std::string& username,
                    const std::string& column, const std::string& value) const {
    const auto changed = transaction.exec_params(
        fmt::format("UPDATE {} SET {}, updated_at = CURRENT_TIMESTAMP WHERE username = $1", table_,
                    column),
        username, value);
    return changed.affected_rows() > 0 ? SetOutcome::done : SetOutcome::unknown_user;
  }

  std::string schema_;  ///< empty: by the search path
  Connections connections_;
  std::string table_;  ///< with its schema, quoted; empty: there is none
};

}  // namespace

std::unique_ptr<setup::UserTable> open_user_table(const config::Target& target,
                                                  const Options& options, Log& log,
                                                  const Cancel& cancel) {
  return std::make_unique<PostgresUserTable>(target, options, log, cancel);
}

}  // namespace prism::postgres
