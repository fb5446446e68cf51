#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::setup {

/// What is known of a user, but for the password.
struct User {
  std::string username;
  std::string email;  ///< empty: none
  bool active = true;
  bool admin = false;
  std::string created = {};     ///< UTC, as format_utc writes it
  std::string last_login = {};  ///< UTC; empty: never
};

enum class AddOutcome : std::uint8_t { added, name_taken, email_taken };
enum class SetOutcome : std::uint8_t { done, unknown_user, last_admin };

/// The columns that a table of users has; more of them may be there.
inline constexpr std::array<std::string_view, 11> kUserColumns{
    "id",         "username",   "email",      "password_hash", "first_name", "last_name",
    "created_at", "updated_at", "last_login", "is_active",     "is_admin"};

/// The columns of those that `has` says are missing, as a message tells them; empty: none.
PRISM_API std::string missing_columns(const std::function<bool(std::string_view)>& has);

/// The table `users` of a system, which its own programs read as well. One with all the columns is
/// used as it is; opening one that lacks some throws Error(configuration) that names them. Where
/// there is no table there are no users. Used by one thread.
class UserTable {
 public:
  virtual ~UserTable() = default;

  /// Where it lies, for people: no secrets.
  virtual std::string location() const = 0;

  /// Makes the table where there is none; false: it was there.
  virtual bool create() = 0;

  /// Needs the table. An empty email is stored as NULL.
  virtual AddOutcome add(const User& user, const std::string& password_hash) = 0;

  virtual std::optional<User> find(const std::string& username) = 0;

  /// All of them by name, some at a time; `take` may use the table.
  virtual void each(const std::function<void(const User&)>& take) = 0;

  /// Never `last_admin`.
  virtual SetOutcome set_password(const std::string& username,
                                  const std::string& password_hash) = 0;

  /// With `keep_an_admin` the last active admin stays active, whoever else changes users meanwhile.
  virtual SetOutcome set_active(const std::string& username, bool active, bool keep_an_admin) = 0;
};

}  // namespace prism::setup
