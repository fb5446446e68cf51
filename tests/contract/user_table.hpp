#pragma once

#include <memory>
#include <string>

#include <doctest/doctest.h>

#include <prism/base/access.hpp>
#include <prism/setup/user_table.hpp>

namespace prism::contract {

/// A database of one driver for one test case, without a table of users.
class UserFixture {
 public:
  virtual ~UserFixture() = default;

  /// Another connection to the same database.
  virtual std::unique_ptr<setup::UserTable> open() = 0;

  /// By the database's own means.
  virtual void execute(const std::string& sql) = 0;
  /// The first column of the first row.
  virtual std::string text(const std::string& sql) = 0;
};

#define PRISM_USER_TABLE_CONTRACT(CASE)                                                        \
  CASE(no_table_has_no_users, "without a table there are no users, and none is made")          \
  CASE(table_is_made_once, "the table is made once, with the columns that the systems know")   \
  CASE(added_users_are_found, "a user that was added is found, with all that is told")         \
  CASE(names_and_emails_are_unique, "neither a name nor an email is given twice")              \
  CASE(any_text_is_a_value, "no text is taken for SQL")                                        \
  CASE(users_are_listed_by_name, "all users are listed by name, more than are read at once")   \
  CASE(passwords_are_set, "a password is set, of a user that is there")                        \
  CASE(last_admin_stays_active, "the last active admin is not disabled unless that is wanted") \
  CASE(other_columns_are_refused, "a table that lacks columns is refused, and they are named") \
  CASE(other_programs_tables_are_used, "another program's table is used as it is")

#define PRISM_DECLARE_CHECK(check, words) void check(UserFixture& fixture);
PRISM_USER_TABLE_CONTRACT(PRISM_DECLARE_CHECK)
#undef PRISM_DECLARE_CHECK

}  // namespace prism::contract
