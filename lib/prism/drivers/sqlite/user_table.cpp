#include <set>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/sqlite/user_table.hpp>

namespace prism::sqlite {
namespace {

using setup::AddOutcome;
using setup::SetOutcome;
using setup::User;

constexpr const char* kCreate = R"(CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  username VARCHAR(50) NOT NULL UNIQUE,
  email VARCHAR(255) UNIQUE,
  password_hash VARCHAR(255) NOT NULL,
  first_name VARCHAR(100),
  last_name VARCHAR(100),
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  last_login TIMESTAMP,
  is_active BOOLEAN NOT NULL DEFAULT 1,
  is_admin BOOLEAN NOT NULL DEFAULT 0
))";

constexpr const char* kInsert =
    "INSERT INTO users (username, email, password_hash, created_at, updated_at, is_active, "
    "is_admin) VALUES (?1, nullif(?2, ''), ?3, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, ?4, ?5)";

/// What other programs wrote as a time and SQLite doesn't know as one is told as it is.
constexpr const char* kSelect =
    "SELECT username, coalesce(email, ''), is_active, is_admin, "
    "coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', created_at), created_at, ''), "
    "coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', last_login), last_login, '') FROM users ";

User user_of(const Statement& row) {
  return {std::string(row.text(0)), std::string(row.text(1)), row.integer(2) != 0,
          row.integer(3) != 0,      std::string(row.text(4)), std::string(row.text(5))};
}

class SqliteUserTable : public setup::UserTable {
 public:
  SqliteUserTable(Options options, const Cancel& cancel) : database_(std::move(options), cancel) {
    if (!is_there()) return;
    const std::string missing = missing_columns();
    if (missing.empty()) return;
    throw Error(ErrorCode::configuration, location() + ": its table users lacks " + missing,
                "it is of another kind; name another target with --target");
  }

  std::string location() const override { return database_.file().string(); }

  bool create() override {
    Transaction transaction(database_);
    if (is_there()) return false;
    database_.execute(kCreate);
    transaction.commit();
    return true;
  }

  AddOutcome add(const User& user, const std::string& password_hash) override {
    Transaction transaction(database_);
    if (count("SELECT count(*) FROM users WHERE username = ?", user.username) > 0) {
      return AddOutcome::name_taken;
    }
    if (!user.email.empty() &&
        count("SELECT count(*) FROM users WHERE email = ?", user.email) > 0) {
      return AddOutcome::email_taken;
    }
    insert(user, password_hash);
    transaction.commit();
    return AddOutcome::added;
  }

  std::optional<User> find(const std::string& username) override {
    if (!is_there()) return {};
    Statement row = database_.prepare(fmt::format("{}WHERE username = ?", kSelect));
    row.bind(1, username);
    if (!row.step()) return {};
    return user_of(row);
  }

  void each(const std::function<void(const User&)>& take) override {
    if (!is_there()) return;
    std::vector<User> users = page(">=", {});
    while (!users.empty()) {
      for (const User& user : users) take(user);
      users = page(">", users.back().username);
    }
  }

  SetOutcome set_password(const std::string& username, const std::string& password_hash) override {
    if (!is_there()) return SetOutcome::unknown_user;
    Statement update = database_.prepare(
        "UPDATE users SET password_hash = ?2, updated_at = CURRENT_TIMESTAMP WHERE username = ?1");
    update.bind(1, username);
    update.bind(2, password_hash);
    update.run();
    return database_.changes() > 0 ? SetOutcome::done : SetOutcome::unknown_user;
  }

  SetOutcome set_active(const std::string& username, bool active, bool keep_an_admin) override {
    if (!is_there()) return SetOutcome::unknown_user;
    Transaction transaction(database_);
    if (!active && keep_an_admin && is_last_admin(username)) return SetOutcome::last_admin;
    Statement update = database_.prepare(
        "UPDATE users SET is_active = ?2, updated_at = CURRENT_TIMESTAMP WHERE username = ?1");
    update.bind(1, username);
    update.bind(2, static_cast<std::int64_t>(active));
    update.run();
    if (database_.changes() == 0) return SetOutcome::unknown_user;
    transaction.commit();
    return SetOutcome::done;
  }

 private:
  bool is_there() {
    return database_.integer(
               "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE lower(name) = 'users' AND type "
               "IN ('table', 'view'))") != 0;
  }

  std::string missing_columns() {
    std::set<std::string, std::less<>> columns;
    Statement row = database_.prepare("SELECT lower(name) FROM pragma_table_info('users')");
    while (row.step()) columns.emplace(row.text(0));
    return setup::missing_columns(
        [&](std::string_view column) { return columns.contains(column); });
  }

  /// Read at once: whoever takes them slowly must not keep others from writing.
  std::vector<User> page(std::string_view compared, const std::string& name) {
    Statement row = database_.prepare(
        fmt::format("{}WHERE username {} ? ORDER BY username LIMIT 1000", kSelect, compared));
    row.bind(1, name);
    std::vector<User> users;
    while (row.step()) users.push_back(user_of(row));
    return users;
  }

  std::int64_t count(const char* sql, const std::string& value) {
    Statement row = database_.prepare(sql);
    row.bind(1, value);
    row.step();
    return row.integer(0);
  }

  void insert(const User& user, const std::string& password_hash) {
    Statement insert = database_.prepare(kInsert);
    insert.bind(1, user.username);
    insert.bind(2, user.email);
    insert.bind(3, password_hash);
    insert.bind(4, static_cast<std::int64_t>(user.active));
    insert.bind(5, static_cast<std::int64_t>(user.admin));
    try {
      insert.run();
    } catch (const Error& e) {
      if (e.code() != ErrorCode::internal) throw;  // what is left is a constraint
      throw Error(ErrorCode::refused, e.what(),
                  "the table is another program's, and wants more than prismctl gives it");
    }
  }

  bool is_last_admin(const std::string& username) {
    return count("SELECT count(*) FROM users WHERE is_admin AND is_active AND username = ?",
                 username) > 0 &&
           count("SELECT count(*) FROM users WHERE is_admin AND is_active AND username <> ?",
                 username) == 0;
  }

  Database database_;
};

}  // namespace

std::unique_ptr<setup::UserTable> open_user_table(Options options, const Cancel& cancel) {
  return std::make_unique<SqliteUserTable>(std::move(options), cancel);
}

}  // namespace prism::sqlite
