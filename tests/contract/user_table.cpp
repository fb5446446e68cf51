#include "contract/user_table.hpp"

#include <vector>

#include <fmt/format.h>

#include "support/thrown.hpp"

namespace prism::contract {

using setup::AddOutcome;
using setup::SetOutcome;
using setup::User;
using test::thrown_by;

namespace {

const std::string kHash = "$2b$12$not.a.real.hash";

User user_named(const std::string& name, const std::string& email = {}, bool admin = false) {
  return {.username = name, .email = email, .active = true, .admin = admin};
}

std::unique_ptr<setup::UserTable> opened_with_table(UserFixture& fixture) {
  auto users = fixture.open();
  users->create();
  return users;
}

std::vector<std::string> names(setup::UserTable& users) {
  std::vector<std::string> names;
  users.each([&](const User& user) { names.push_back(user.username); });
  return names;
}

}  // namespace

void no_table_has_no_users(UserFixture& fixture) {
  const auto users = fixture.open();
  CHECK_FALSE(users->find("anna").has_value());
  CHECK(names(*users).empty());
  CHECK(users->set_password("anna", kHash) == SetOutcome::unknown_user);
  CHECK(users->set_active("anna", false, true) == SetOutcome::unknown_user);
  CHECK(users->create());
}

void table_is_made_once(UserFixture& fixture) {
  const auto users = fixture.open();
  CHECK(users->create());
  CHECK_FALSE(users->create());
  CHECK_FALSE(fixture.open()->create());
  fixture.execute("INSERT INTO users (username, password_hash) VALUES ('anna', 'x')");
  CHECK(fixture.text("SELECT count(*) FROM users WHERE id = 1 AND email IS NULL AND is_active AND "
                     "NOT is_admin AND first_name IS NULL AND last_name IS NULL AND created_at IS "
                     "NOT NULL AND updated_at IS NOT NULL AND last_login IS NULL") == "1");
}

void added_users_are_found(UserFixture& fixture) {
  const auto users = opened_with_table(fixture);
  CHECK(users->add(user_named("anna", "anna@example.org", true), kHash) == AddOutcome::added);
  CHECK(users->add(user_named("berta"), kHash) == AddOutcome::added);
  const auto anna = fixture.open()->find("anna");
  REQUIRE(anna.has_value());
  CHECK(anna->email == "anna@example.org");
  CHECK(anna->active);
  CHECK(anna->admin);
  CHECK(anna->created.size() == 20);
  CHECK(anna->created.ends_with("Z"));
  CHECK(anna->last_login == "");
  const auto berta = users->find("berta");
  REQUIRE(berta.has_value());
  CHECK(berta->email == "");
  CHECK_FALSE(berta->admin);
  CHECK_FALSE(users->find("Anna").has_value());
  CHECK(fixture.text("SELECT password_hash FROM users WHERE username = 'anna'") == kHash);
  CHECK(fixture.text("SELECT count(*) FROM users WHERE email IS NULL") == "1");
}

void names_and_emails_are_unique(UserFixture& fixture) {
  const auto users = opened_with_table(fixture);
  CHECK(users->add(user_named("anna", "anna@example.org"), kHash) == AddOutcome::added);
  CHECK(users->add(user_named("anna"), "other") == AddOutcome::name_taken);
  CHECK(users->add(user_named("berta", "anna@example.org"), kHash) == AddOutcome::email_taken);
  CHECK(users->add(user_named("berta"), kHash) == AddOutcome::added);
  CHECK(users->add(user_named("clara"), kHash) == AddOutcome::added);
  CHECK(fixture.text("SELECT password_hash FROM users WHERE username = 'anna'") == kHash);
}

void any_text_is_a_value(UserFixture& fixture) {
  const auto users = opened_with_table(fixture);
  const std::string name = "'); DROP TABLE users; --\"$1 ä";
  CHECK(users->add(user_named(name, "a'b\"@c"), kHash) == AddOutcome::added);
  CHECK(users->find(name)->email == "a'b\"@c");
  CHECK(users->set_password(name, "it's") == SetOutcome::done);
  CHECK(users->set_active(name, false, true) == SetOutcome::done);
  CHECK_FALSE(users->find(name)->active);
  CHECK(names(*users) == std::vector{name});
}

void users_are_listed_by_name(UserFixture& fixture) {
  const auto users = opened_with_table(fixture);
  for (const char* name : {"user5000", "user0001"}) users->add(user_named(name), kHash);
  std::string rows;
  for (int i = 2; i < 2500; ++i) {
    rows += fmt::format("{}('user{:04}', 'x')", i == 2 ? "" : ", ", i);
  }
  fixture.execute("INSERT INTO users (username, password_hash) VALUES " + rows);
  const auto all = names(*users);
  REQUIRE(all.size() == 2500);
  CHECK(all.front() == "user0001");
  CHECK(all[1] == "user0002");
  CHECK(all.back() == "user5000");
}

void passwords_are_set(UserFixture& fixture) {
  const auto users = opened_with_table(fixture);
  users->add(user_named("anna"), kHash);
  users->add(user_named("berta"), kHash);
  CHECK(users->set_password("anna", "new") == SetOutcome::done);
  CHECK(users->set_password("clara", "new") == SetOutcome::unknown_user);
  CHECK(fixture.text("SELECT password_hash FROM users WHERE username = 'anna'") == "new");
  CHECK(fixture.text("SELECT password_hash FROM users WHERE username = 'berta'") == kHash);
}

void last_admin_stays_active(UserFixture& fixture) {
  const auto users = opened_with_table(fixture);
  users->add(user_named("anna", "", true), kHash);
  users->add(user_named("berta", "", true), kHash);
  users->add(user_named("clara"), kHash);
  CHECK(users->set_active("anna", false, true) == SetOutcome::done);
  CHECK(users->set_active("berta", false, true) == SetOutcome::last_admin);
  CHECK(users->find("berta")->active);
  CHECK(users->set_active("clara", false, true) == SetOutcome::done);
  CHECK(users->set_active("anna", false, true) == SetOutcome::done);
  CHECK(users->set_active("dora", false, true) == SetOutcome::unknown_user);
  CHECK(users->set_active("berta", false, false) == SetOutcome::done);
  CHECK_FALSE(users->find("berta")->active);
  CHECK(users->set_active("anna", true, true) == SetOutcome::done);
  CHECK(users->find("anna")->active);
}

void other_columns_are_refused(UserFixture& fixture) {
  fixture.execute("CREATE TABLE users (id integer, username varchar(50), email varchar(255))");
  const auto thrown = thrown_by([&] { fixture.open(); });
  CHECK(thrown.code == ErrorCode::configuration);
  CHECK(
      thrown.says("lacks password_hash, first_name, last_name, created_at, updated_at, "
                  "last_login, is_active, is_admin"));
  CHECK(fixture.text("SELECT count(*) FROM users") == "0");
}

void other_programs_tables_are_used(UserFixture& fixture) {
  fixture.execute(
      "CREATE TABLE users (team integer DEFAULT 7, is_admin boolean, is_active boolean, last_login "
      "timestamp, updated_at timestamp, created_at timestamp, last_name varchar(99), first_name "
      "varchar(99), password_hash varchar(60) NOT NULL, email varchar(255) NOT NULL, username "
      "varchar(50) NOT NULL, id integer)");
  fixture.execute(
      "INSERT INTO users (username, email, password_hash, last_login) VALUES "
      "('old user', 'o@x', 'x', '2026-01-02 03:04:05')");
  const auto users = fixture.open();
  CHECK_FALSE(users->create());
  const auto old = users->find("old user");
  REQUIRE(old.has_value());
  CHECK_FALSE(old->active);
  CHECK(old->created == "");
  CHECK(old->last_login == "2026-01-02T03:04:05Z");
  CHECK(users->add(user_named("anna", "a@x", true), kHash) == AddOutcome::added);
  CHECK(users->find("anna")->admin);
  CHECK(fixture.text("SELECT team FROM users WHERE username = 'anna'") == "7");
  const auto thrown = thrown_by([&] { users->add(user_named("berta"), kHash); });
  CHECK(thrown.code == ErrorCode::refused);
  CHECK(thrown.says("email"));
  CHECK_FALSE(thrown.says(kHash));
}

}  // namespace prism::contract
