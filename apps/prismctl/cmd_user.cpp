#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/setup/account.hpp>

#include "command.hpp"
#include "console/table.hpp"
#include "options.hpp"
#include "password.hpp"
#include "users.hpp"

namespace prismctl {
namespace {

using prism::Access;
using prism::Error;
using prism::ErrorCode;
using prism::in_quotes;
using prism::setup::AddOutcome;
using prism::setup::SetOutcome;
using prism::setup::User;
using prism::setup::UserTable;
using Rows = std::vector<std::vector<std::string>>;

struct Options {
  std::string target;
  User user;
  std::string password_file;
  bool force = false;
  std::function<int(const Options&, Session&)> action;
};

[[noreturn]] void fail_taken(const std::string& what, const UserTable& users,
                             const std::string& hint) {
  throw Error(ErrorCode::refused, users.location() + ": there is a user " + what + " already",
              hint);
}

[[noreturn]] void fail_unknown(const std::string& username, const UserTable& users) {
  throw Error(ErrorCode::input_missing,
              users.location() + ": there is no user " + in_quotes(username),
              "prismctl user list shows all that there are");
}

/// What was done to whom.
void tell(std::string_view command, const std::string& username, std::string_view done,
          const UserTable& users, Session& session) {
  if (session.output().json()) {
    session.output().document(
        {{"command", command}, {"location", users.location()}, {"username", username}});
  }
  session.output().line(fmt::format("user {}: {}", username, done));
}

// ---- add, passwd --------------------------------------------------------------------------------

/// A store that lies in the same place is made first: it would take the table for another
/// program's.
std::unique_ptr<UserTable> open_to_add(const Options& options, Session& session) {
  const auto target = users_target(session, options.target);
  const std::string& store = session.settings().text(prism::config::Setting::store);
  if (prism::config::is_same_place(target.url, store)) {
    session.open_store(Access::create)->migrate();
  }
  return open_users(target, Access::create, session);
}

int add_user(const Options& options, Session& session) {
  const User& user = options.user;
  prism::setup::require_username(user.username);
  prism::setup::require_email(user.email);
  const auto users = open_to_add(options, session);
  session.touch("user " + user.username);
  constexpr const char* kHint = "prismctl user passwd gives it another password";
  if (users->find(user.username)) fail_taken(in_quotes(user.username), *users, kHint);
  const std::string password = take_password(options.password_file, user.username, session);
  const std::string hash = prism::setup::hash_password(password);
  users->create();
  const AddOutcome outcome = users->add(user, hash);
  if (outcome == AddOutcome::name_taken) fail_taken(in_quotes(user.username), *users, kHint);
  if (outcome == AddOutcome::email_taken) {
    fail_taken("with the email " + in_quotes(user.email), *users, "name another with --email");
  }
  tell("user add", user.username, user.admin ? "added as an admin" : "added", *users, session);
  return 0;
}

int set_password(const Options& options, Session& session) {
  const std::string& username = options.user.username;
  const auto users = open_users(users_target(session, options.target), Access::write, session);
  session.touch("user " + username);
  if (!users->find(username)) fail_unknown(username, *users);
  const std::string password = take_password(options.password_file, username, session);
  const std::string hash = prism::setup::hash_password(password);
  if (users->set_password(username, hash) != SetOutcome::done) fail_unknown(username, *users);
  tell("user passwd", username, "has a new password", *users, session);
  return 0;
}

// ---- disable, enable ----------------------------------------------------------------------------

int set_active(const Options& options, Session& session, bool active) {
  const std::string& username = options.user.username;
  const auto users = open_users(users_target(session, options.target), Access::write, session);
  session.touch("user " + username);
  const SetOutcome outcome = users->set_active(username, active, !options.force);
  if (outcome == SetOutcome::unknown_user) fail_unknown(username, *users);
  if (outcome == SetOutcome::last_admin) {
    throw Error(ErrorCode::refused,
                users->location() + ": " + in_quotes(username) + " is the last active admin",
                "add another first, or disable this one with --force");
  }
  tell(active ? "user enable" : "user disable", username, active ? "active" : "disabled", *users,
       session);
  return 0;
}

// ---- list ---------------------------------------------------------------------------------------

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json to_json(const User& user) {
  return {{"username", user.username},
          {"email", or_null(user.email)},
          {"active", user.active},
          {"admin", user.admin},
          {"created", or_null(user.created)},
          {"last_login", or_null(user.last_login)}};
}

/// Users chose these themselves: nothing of it is for the terminal.
std::string shown(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return text;
}

/// Lines of a table, written some at a time.
class List {
 public:
  explicit List(Output& output) : output_(output) {}

  void add(const User& user) {
    constexpr std::size_t kTogether = 1000;
    rows_.push_back({shown(user.username), shown(user.email), user.active ? "yes" : "no",
                     user.admin ? "yes" : "no", user.created,
                     user.last_login.empty() ? "never" : user.last_login});
    if (rows_.size() >= kTogether) flush();
  }

  void flush() {
    for (const std::string& line : table_lines(rows_)) output_.line(line);
    rows_.clear();
  }

 private:
  Output& output_;
  Rows rows_{{"NAME", "EMAIL", "ACTIVE", "ADMIN", "CREATED", "LAST LOGIN"}};
};

int list(const Options& options, Session& session) {
  session.forgo_audit();
  const auto users = open_users(users_target(session, options.target), Access::read, session);
  Output& output = session.output();
  Json json = Json::array();
  List lines(output);
  users->each([&](const User& user) {
    session.cancel().check();
    if (output.json()) {
      json.push_back(to_json(user));
    } else {
      lines.add(user);
    }
  });
  lines.flush();
  if (output.json()) {
    output.document({{"command", "user list"}, {"location", users->location()}, {"users", json}});
  }
  return 0;
}

// ---- options ------------------------------------------------------------------------------------

CLI::App* add_action_on_users(CLI::App& app, const std::shared_ptr<Options>& options,
                              const std::string& name, const std::string& help,
                              std::function<int(const Options&, Session&)> action) {
  CLI::App* const one = add_action(app, options, name, help, std::move(action));
  one->add_option("--target", options->target,
                  "The database that holds them, by its name (default: users.target)")
      ->type_name("NAME");
  return one;
}

CLI::App* add_action_on_one(CLI::App& app, const std::shared_ptr<Options>& options,
                            const std::string& name, const std::string& help,
                            std::function<int(const Options&, Session&)> action) {
  CLI::App* const one = add_action_on_users(app, options, name, help, std::move(action));
  one->add_option("USER", options->user.username, "The user's name")->required()->expected(1);
  return one;
}

Run add(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.require_subcommand(1);
  auto* add_app = add_action_on_one(app, options, "add", "Add a user", add_user);
  add_app->add_option("--email", options->user.email, "The user's email")->type_name("EMAIL");
  add_app->add_flag("--admin", options->user.admin, "Who may do everything");
  add_password_file(*add_app, options->password_file);
  add_action_on_users(app, options, "list", "Show all users, never their passwords", list);
  auto* passwd =
      add_action_on_one(app, options, "passwd", "Give a user another password", set_password);
  add_password_file(*passwd, options->password_file);
  const auto set = [](bool active) {
    return [active](const Options& asked, Session& session) {
      return set_active(asked, session, active);
    };
  };
  add_action_on_one(app, options, "disable", "Keep a user from logging in", set(false))
      ->add_flag("--force", options->force, "The last active admin too");
  add_action_on_one(app, options, "enable", "Let a user log in again", set(true));
  return [options](Session& session) { return options->action(*options, session); };
}

}  // namespace

Command user_command() {
  return {.name = "user",
          .summary = "Add, list and disable the users of a system",
          .examples =
              "prismctl user add alice --admin --email alice@example.org --env-file .env\n"
              "prismctl user passwd alice --password-file /run/secrets/alice\n"
              "prismctl user list --json",
          .add = add,
          .audited = true};
}

}  // namespace prismctl
