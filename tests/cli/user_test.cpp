#include <csignal>

#include <crypt.h>
#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/postgres.hpp"
#include "support/services.hpp"
#include "support/terminal.hpp"

namespace prism::test {
namespace {

const std::string kPassword = "a long password";
const Variables kEnvironment{{"PRISM_ADMIN_PASSWORD", kPassword}};

/// Whether the password of a user in t.db is that one.
bool fits(const Cli& cli, const std::string& user, const std::string& password) {
  const std::string hash =
      Sql(cli / "t.db").text("SELECT password_hash FROM users WHERE username = '" + user + "'");
  crypt_data data{};
  return crypt_r(password.c_str(), hash.c_str(), &data) == hash;
}

Words user(const std::string& action, Words more = {}) {
  Words words{"user", action};
  words.insert(words.end(), more.begin(), more.end());
  words.insert(words.end(), {"--store", "t.db"});
  return words;
}

/// `user add anna` on a terminal, on which `answers` are typed, each when it is asked for.
Ended typed(const Cli& cli, Terminal& terminal, const Words& answers, std::string& shown) {
  Process process(terminal.on_it(cli.launch(user("add", {"anna"}))));
  const Words questions{"Password for anna: ", "The same again: "};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CHECK(terminal.shows(shown, questions[i]));
    CHECK_FALSE(terminal.echoes());
    terminal.type(answers[i] + "\n");
  }
  shown += terminal.read_all(process);
  return process.wait();
}

}  // namespace

TEST_CASE("cli: user add makes the table and a user, whose password is hashed") {
  const Cli cli;
  const Ended added = cli(user("add", {"anna", "--admin", "--email", "anna@x.org"}), kEnvironment);
  CHECK(added.code == 0);
  CHECK(added.out == "user anna: added as an admin\n");
  CHECK(added.err == "");
  CHECK(fits(cli, "anna", kPassword));
  CHECK(Sql(cli / "t.db").text("SELECT substr(password_hash, 1, 7) FROM users") == "$2b$12$");
  CHECK(cli(user("add", {"berta"}), kEnvironment).out == "user berta: added\n");
  const Ended again = cli(user("add", {"anna"}), kEnvironment);
  CHECK(again.code == 73);
  CHECK(missing_in(again.err,
                   {"t.db: there is a user 'anna' already", "HINT: prismctl user passwd"}) == "");
  const Ended email = cli(user("add", {"clara", "--email", "anna@x.org"}), kEnvironment);
  CHECK(email.code == 73);
  CHECK(missing_in(email.err, {"a user with the email 'anna@x.org' already"}) == "");
  cli.write("a.csv", table({"5001,6001,1146,7000"}));
  CHECK(cli({"seed", "a.csv", "--store", "t.db"}).code == 0);
  CHECK(Sql(cli / "t.db").integer("SELECT count(*) FROM users") == 2);
}

TEST_CASE("cli: user list tells who there is, and no password") {
  const Cli cli;
  CHECK(cli(user("list")).code == 66);
  CHECK_FALSE(std::filesystem::exists(cli / "t.db"));
  cli(user("add", {"berta"}), kEnvironment);
  cli(user("add", {"anna", "--admin", "--email", "anna@x.org"}), kEnvironment);
  Sql(cli / "t.db")
      .execute(
          "UPDATE users SET created_at = '2026-11-30 01:02:03', first_name = 'B' WHERE username <> "
          "''");
  const Ended list = cli(user("list"));
  CHECK(list.code == 0);
  CHECK(list.out ==
        "NAME   EMAIL       ACTIVE  ADMIN  CREATED               LAST LOGIN\n"
        "anna   anna@x.org  yes     yes    2026-11-30T01:02:03Z  never\n"
        "berta              yes     no     2026-11-30T01:02:03Z  never\n");
  const Json json = cli.json(user("list"));
  CHECK(json["command"] == "user list");
  REQUIRE(json["users"].size() == 2);
  CHECK(json["users"][0] == Json{{"username", "anna"},
                                 {"email", "anna@x.org"},
                                 {"active", true},
                                 {"admin", true},
                                 {"created", "2026-11-30T01:02:03Z"},
                                 {"last_login", nullptr}});
  CHECK(json["users"][1]["email"] == nullptr);
  CHECK(json.dump().find("$2b$") == std::string::npos);
}

TEST_CASE("cli: user passwd, disable and enable") {
  const Cli cli;
  cli(user("add", {"anna", "--admin"}), kEnvironment);
  cli(user("add", {"berta"}), kEnvironment);
  cli.write("new", "another password\n");
  const Ended passwd = cli(user("passwd", {"berta", "--password-file", "new"}), kEnvironment);
  CHECK(passwd.code == 0);
  CHECK(passwd.out == "user berta: has a new password\n");
  CHECK(fits(cli, "berta", "another password"));
  CHECK(fits(cli, "anna", kPassword));
  CHECK(cli(user("disable", {"berta"})).out == "user berta: disabled\n");
  CHECK(cli.json(user("list"))["users"][1]["active"] == false);
  CHECK(cli(user("enable", {"berta"})).out == "user berta: active\n");
  const Ended last = cli(user("disable", {"anna"}));
  CHECK(last.code == 73);
  CHECK(missing_in(last.err, {"t.db: 'anna' is the last active admin", "--force"}) == "");
  CHECK(cli(user("disable", {"anna", "--force"})).code == 0);
  for (const char* action : {"passwd", "disable", "enable"}) {
    const Ended unknown = cli(user(action, {"clara"}), kEnvironment);
    CHECK(unknown.code == 66);
    CHECK(missing_in(unknown.err, {"t.db: there is no user 'clara'"}) == "");
  }
}

TEST_CASE("cli: a password comes from a file, standard input or the environment, and is checked") {
  const Cli cli;
  Launch piped = cli.launch(user("add", {"anna", "--password-file", "-"}));
  piped.input = kPassword + "\r\n";
  CHECK(run(piped).code == 0);
  CHECK(fits(cli, "anna", kPassword));
  const auto file = cli.write("secret", " blanks count ");
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  const Ended readable = cli(user("add", {"berta", "--password-file", "secret"}), kEnvironment);
  CHECK(readable.code == 0);
  CHECK(missing_in(readable.err, {"warning", "secret: every user of this machine can read"}) == "");
  CHECK(fits(cli, "berta", " blanks count "));
  CHECK(cli(user("add", {"clara"}), {{"PRISM_ADMIN_PASSWORD_FILE", file.string()}}).code == 0);

  const auto code = [&](const Words& words, const std::string& password) {
    return cli(user("add", words), {{"PRISM_ADMIN_PASSWORD", password}}).code;
  };
  CHECK(code({"dora"}, "seven77") == 65);
  CHECK(code({"dora"}, std::string(73, 'x')) == 65);
  CHECK(code({"dor"}, kPassword) == 64);
  CHECK(code({"dora", "--email", "nobody"}, kPassword) == 64);
  CHECK(code({"dora", "--password-file", "missing"}, kPassword) == 66);
  cli.write("two", "first line\nsecond line\n");
  CHECK(code({"dora", "--password-file", "two"}, kPassword) == 65);
  CHECK(cli(user("add", {"dora", "--password", kPassword})).code == 64);
  const Ended nobody = cli(user("add", {"dora"}));
  CHECK(nobody.code == 64);
  CHECK(missing_in(nobody.err, {"no password for dora, and no terminal to ask for it",
                                "--password-file FILE", "PRISM_ADMIN_PASSWORD_FILE"}) == "");
  CHECK(Sql(cli / "t.db").integer("SELECT count(*) FROM users") == 3);
}

TEST_CASE("cli: a password is asked for twice, and not shown") {
  const Cli cli;
  Terminal terminal;
  std::string shown;
  CHECK(typed(cli, terminal, {kPassword, kPassword}, shown).code == 0);
  CHECK(terminal.echoes());
  CHECK(shown.find(kPassword) == std::string::npos);
  CHECK(fits(cli, "anna", kPassword));
}

TEST_CASE("cli: two passwords that differ change nothing") {
  const Cli cli;
  Terminal terminal;
  std::string shown;
  CHECK(typed(cli, terminal, {kPassword, "a long passwort"}, shown).code == 65);
  CHECK(missing_in(shown, {"the two passwords differ"}) == "");
  CHECK(terminal.echoes());
  CHECK(cli.json(user("list"))["users"].empty());
}

TEST_CASE("cli: a signal gives the terminal back as it was") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    CAPTURE(signal);
    const Cli cli;
    Terminal terminal;
    Process process(terminal.on_it(cli.launch(user("add", {"anna"}))));
    std::string shown;
    CHECK(terminal.shows(shown, "Password for anna: "));
    CHECK_FALSE(terminal.echoes());
    process.send(signal);
    terminal.read_all(process);
    CHECK(process.wait().code >= 130);
    CHECK(terminal.echoes());
  }
}

TEST_CASE("cli: each change of users is one audit line without a secret") {
  const Cli cli;
  cli(user("add", {"anna", "--admin"}), kEnvironment);
  cli(user("list"));
  cli(user("disable", {"anna"}));
  const auto lines = cli.audit();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["command"].get<std::string>().starts_with("user"));
  CHECK(lines[0]["targets"].dump().find("user anna") != std::string::npos);
  CHECK(lines[1]["exit_code"] == 73);
  const std::string text = content_of(cli.audit_file());
  CHECK(text.find(kPassword) == std::string::npos);
  CHECK(text.find("$2b$") == std::string::npos);
}

TEST_CASE("cli: which database holds the users") {
  const Cli cli;
  cli.write("prismctl.toml",
            "[targets.one]\nurl = \"sqlite:one.db\"\n[targets.two]\nurl = \"sqlite:two.db\"\n");
  const Ended several = cli({"user", "add", "anna"}, kEnvironment);
  CHECK(several.code == 78);
  CHECK(missing_in(several.err, {"several databases could hold the users: one, two", "--target",
                                 "users.target"}) == "");
  CHECK(cli({"user", "add", "anna", "--target", "one"}, kEnvironment).code == 0);
  CHECK(Sql(cli / "one.db").integer("SELECT count(*) FROM users") == 1);
  CHECK(cli({"user", "add", "anna", "--target", "three"}, kEnvironment).code == 64);
  Variables setting = kEnvironment;
  setting["PRISMCTL_USERS_TARGET"] = "two";
  CHECK(cli({"user", "add", "berta"}, setting).code == 0);
  CHECK(Sql(cli / "two.db").text("SELECT username FROM users") == "berta");
  cli.write("prismctl.toml",
            "[targets.auth]\nurl = \"sqlite:one.db\"\n[targets.two]\nurl = \"sqlite:two.db\"\n");
  CHECK(cli({"user", "add", "clara"}, kEnvironment).code == 0);
  CHECK(Sql(cli / "one.db").integer("SELECT count(*) FROM users") == 2);
  std::filesystem::remove(cli / "prismctl.toml");
  const Ended graph = cli({"user", "list", "--store", "bolt://localhost:1"});
  CHECK(graph.code == 78);
  CHECK(missing_in(graph.err, {"no database for users: the store is in neo4j"}) == "");
}

TEST_CASE("cli: users of a system in PostgreSQL, by its own environment file") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const PostgresDatabase database;
  const Cli cli;
  const bool has_parameters = database.url().find('?') != std::string::npos;
  cli.write(".env", "DATABASE_URL=\"" + database.url() + (has_parameters ? "&" : "?") +
                        "schema=public\"\nPRISM_ADMIN_PASSWORD='" + kPassword + "'\n");
  const Ended added = cli({"user", "add", "anna", "--admin", "--env-file", ".env"});
  CAPTURE(added.err);
  CHECK(added.code == 0);
  CHECK(database.text("SELECT username FROM public.users WHERE is_admin AND is_active") == "anna");
  CHECK_FALSE(std::filesystem::exists(cli / "prism.db"));
  CHECK(cli.json({"user", "list", "--env-file", ".env"})["users"][0]["username"] == "anna");
  CHECK(cli({"user", "disable", "anna", "--env-file", ".env"}).code == 73);
  database.execute("ALTER TABLE users DROP COLUMN last_name, DROP COLUMN is_admin");
  const Ended refused = cli({"user", "list", "--env-file", ".env"});
  CHECK(refused.code == 78);
  CHECK(missing_in(refused.err, {"its table public.users lacks last_name, is_admin"}) == "");
}

}  // namespace prism::test
