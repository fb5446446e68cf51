#include <csignal>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// Where a setting comes from and what it is, as `config --json` tells.
struct Value {
  std::string value;
  std::string from;
};

Value setting(const Cli& cli, const std::string& key, const Words& flags = {},
              const Variables& variables = {}) {
  Words words{"config"};
  words.insert(words.end(), flags.begin(), flags.end());
  Json json = cli.json(words, variables);
  for (const auto& row : json.at("settings")) {
    if (row["setting"] == key) return {row["value"], row["from"]};
  }
  return {};
}

struct Usage {
  Words words;
  std::vector<std::string> texts;
};

}  // namespace

TEST_CASE("cli: a command line that makes no sense ends with 64 and says what was meant") {
  const std::vector<Usage> cases{
      {{}, {"no command named", "HINT: see prismctl --help"}},
      {{"sed"}, {"unknown command 'sed'", "HINT: did you mean 'seed'?"}},
      {{"rebuildcache"}, {"unknown command 'rebuildcache'", "did you mean 'rebuild-cache'?"}},
      {{"xylophone"}, {"unknown command 'xylophone'", "HINT: see prismctl --help"}},
      {{"seed", "--apend", "x.xls"}, {"unknown option '--apend'", "did you mean '--append'?"}},
      {{"seed", "--stor=t.db", "x.xls"}, {"unknown option '--stor'", "did you mean '--store'?"}},
      {{"status", "--jsno"}, {"unknown option '--jsno'", "did you mean '--json'?"}},
      {{"status", "--zzzzzz"}, {"unknown option '--zzzzzz'", "HINT: see prismctl status --help"}},
      {{"uid", "shwo"}, {"shwo", "did you mean 'show'?"}},
      {{"uid"}, {"HINT: see prismctl uid --help"}},
      {{"config", "extra"}, {"extra", "HINT: see prismctl config --help"}},
      {{"status", "extra"}, {"unknown target 'extra'"}},
      {{"convert", "x.xls"}, {"--output is required", "HINT: see prismctl convert --help"}},
      {{"import"}, {"CSV is required", "HINT: see prismctl import --help"}},
      {{"import", "a.csv", "--on-conflict", "ask"}, {"--on-conflict", "ask", "fail", "update"}},
      {{"convert", "a.csv", "-o", "x", "--uids", "new"}, {"--uids", "new", "keep", "assign"}},
      {{"uid", "reserve", "--kind", "thing"}, {"--kind", "thing", "entity", "fact"}},
      {{"uid", "reserve", "--kind", "fact", "-n", "0"}, {"--count", "0"}},
      {{"uid", "reserve"}, {"--kind is required"}},
      {{"status", "--lock-wait", "soon"}, {"lock_wait (flag --lock-wait)", "'soon'", "86400"}},
      {{"status", "--log-level", "loud"}, {"log.level (flag --log-level)", "'loud'", "debug|info"}},
      {{"status", "--log-format", "xml"}, {"log.format", "'xml'", "text|json"}},
  };
  const Cli cli;
  for (const Usage& usage : cases) {
    CAPTURE(joined(usage.words));
    const Ended ended = cli(usage.words);
    CHECK(ended.code == 64);
    CHECK(ended.out == "");
    CHECK(ended.err.starts_with("prismctl: "));
    CHECK(missing_in(ended.err, usage.texts) == "");
    // No names of ours for values, and no upper case (STYLE 12).
    CHECK(ended.err.find("->") == std::string::npos);
    CHECK(ended.err.find('\0') == std::string::npos);
    const bool sentence = std::isupper(static_cast<unsigned char>(ended.err.at(10))) != 0 &&
                          std::isupper(static_cast<unsigned char>(ended.err.at(11))) == 0;
    CHECK_FALSE(sentence);
  }
}

TEST_CASE("cli: --json is exactly one document, whatever is asked and however it ends") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,7000", "5002,,1146,7000"}));
  const Words store{"--store", "t.db", "--json"};
  const std::vector<std::pair<Words, int>> cases{
      {{"seed", "a.csv"}, 1},
      {{"seed", "a.csv"}, 73},
      {{"seed", "a.csv", "--if-empty"}, 0},
      {{"seed", "a.csv", "--append"}, 1},
      {{"convert", "a.csv", "-o", "csv"}, 1},
      {{"convert", "a.csv", "-o", "-"}, 64},
      {{"import", "csv"}, 0},
      {{"import", "csv", "--dry-run"}, 0},
      {{"rebuild-cache"}, 0},
      {{"rebuild-cache", "--dry-run"}, 0},
      {{"rebuild-cache", "--cache", "none"}, 0},
      {{"status"}, 0},
      {{"uid", "show"}, 0},
      {{"uid", "reserve", "--kind", "fact"}, 0},
      {{"migrate"}, 0},
      {{"migrate", "--dry-run"}, 0},
      {{"config"}, 0},
      {{"seed", "nothing.xls"}, 66},
      {{"seed"}, 64},
      {{"sed"}, 64},
      {{"uid", "reserve", "--kind", "thing"}, 64},
      {{"status", "--config", "nothing.toml"}, 66},
      {{"status", "--log-file", "/dev/null/x"}, 74},
  };
  for (const auto& [words, code] : cases) {
    CAPTURE(joined(words));
    Words all = words;
    all.insert(all.end(), store.begin(), store.end());
    const Ended ended = cli(all);
    CHECK(ended.code == code);
    Json json = Json::parse(ended.out, nullptr, false);
    REQUIRE(json.is_object());
    CHECK(json["schema"] == 1);
    if (code > 1) {
      CHECK(json["error"]["code"] == code);
      CHECK(json["error"]["name"].get<std::string>() != "");
      CHECK(json["error"]["message"].get<std::string>() != "");
      CHECK(json["error"]["hint"].is_string());
    } else {
      CHECK(json["command"].get<std::string>().starts_with(words[0]));
    }
  }
}

TEST_CASE("cli: lists in JSON are [] when empty") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,7000"}));
  Json seed = cli.json({"seed", "a.csv", "--store", "t.db"});
  CHECK(seed["cache"]["cyclic"] == Json::array());
  CHECK(cli.json({"migrate", "--dry-run", "--store", "t.db"})["pending"] == Json::array());
  CHECK(cli.json({"status", "--store", "t.db"})["problems"] == Json::array());
}

TEST_CASE("cli: --quiet prints errors only") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,7000", "5002,,1146,7000"}));
  const Ended partial = cli({"seed", "a.csv", "--store", "t.db", "--quiet"});
  CHECK(partial.code == 1);
  CHECK(partial.out + partial.err == "");
  const Ended status = cli({"-q", "status", "--store", "t.db"});
  CHECK(status.code == 0);
  CHECK(status.out + status.err == "");
  const Ended refused = cli({"seed", "a.csv", "--store", "t.db", "--quiet"});
  CHECK(refused.code == 73);
  CHECK(refused.out == "");
  CHECK(missing_in(refused.err, {"prismctl: t.db: holds 1 facts already"}) == "");
  CHECK(cli.json({"status", "--store", "t.db", "--quiet"})["state"] == "ok");
}

TEST_CASE("cli: --help of every command has an example, --version a version") {
  const Cli cli;
  const Ended all = cli({"--help"});
  CHECK(all.code == 0);
  CHECK(missing_in(all.out, {"Usage: prismctl", "Exit codes:", "  75   another run holds the lock",
                             "prismctl COMMAND --help"}) == "");
  for (const std::string command :
       {"seed", "convert", "import", "rebuild-cache", "status", "uid", "migrate", "config"}) {
    CAPTURE(command);
    CHECK(missing_in(all.out, {"\n  " + command + " "}) == "");
    const Ended help = cli({command, "--help"});
    CHECK(help.code == 0);
    CHECK(help.err == "");
    CHECK(missing_in(help.out,
                     {"Usage: prismctl " + command, "Examples:\n  prismctl " + command}) == "");
  }
  CHECK(cli({"uid", "reserve", "--help"}).code == 0);
  CHECK(missing_in(cli({"uid", "reserve", "--help"}).out, {"Usage: prismctl uid reserve"}) == "");
  const Ended version = cli({"--version"});
  CHECK(version.code == 0);
  CHECK(version.out.starts_with("prismctl 0."));
  CHECK(version.out.ends_with("\n"));
}

TEST_CASE("cli: global flags stand before or after the command") {
  const Cli cli;
  CHECK(cli({"--store", "t.db", "--json", "status"}).code == 3);
  CHECK(cli({"status", "--store", "t.db", "--json"}).code == 3);
}

TEST_CASE("cli: a setting comes from flag, environment, env file, config file or default") {
  const Cli cli;
  CHECK(setting(cli, "store").value == "./prism.db");
  CHECK(setting(cli, "store").from == "default");
  cli.write("prismctl.toml", "store = \"config.db\"\nlock_wait = 7\n[log]\nlevel = \"debug\"\n");
  CHECK(setting(cli, "store").value == "config.db");
  CHECK(missing_in(setting(cli, "store").from, {"config file", "prismctl.toml"}) == "");
  CHECK(setting(cli, "lock_wait").value == "7");
  CHECK(setting(cli, "log.level").value == "debug");
  cli.write("sys/.env", "PRISMCTL_STORE=env-file.db\nexport LOG_LEVEL='warn' # comment\n");
  const Words env_file{"--env-file", "sys/.env"};
  CHECK(setting(cli, "store", env_file).value == "sys/env-file.db");
  CHECK(missing_in(setting(cli, "store", env_file).from, {"env file sys/.env: PRISMCTL_STORE"}) ==
        "");
  const Variables variables{{"PRISMCTL_STORE", "environment.db"}};
  CHECK(setting(cli, "store", env_file, variables).value == "environment.db");
  CHECK(setting(cli, "store", env_file, variables).from == "environment PRISMCTL_STORE");
  const Words flag{"--env-file", "sys/.env", "--store", "flag.db"};
  CHECK(setting(cli, "store", flag, variables).value == "flag.db");
  CHECK(setting(cli, "store", flag, variables).from == "flag --store");
}

TEST_CASE("cli: X_FILE reads the value from a file, and passwords are hidden") {
  const Cli cli;
  cli.write("secret", "bolt://prism:hunter2@127.0.0.1:1\n");
  const Variables variables{{"PRISMCTL_STORE_FILE", "secret"}};
  const Value store = setting(cli, "store", {}, variables);
  CHECK(store.value == "bolt://prism:***@127.0.0.1:1");
  CHECK(store.from == "environment PRISMCTL_STORE_FILE");
  for (const Words& words : {Words{"config"}, Words{"status"}, Words{"uid", "show"}}) {
    const Ended ended = cli(words, variables);
    CHECK(ended.code == (words[0] == "config" ? 0 : 69));
    CHECK((ended.out + ended.err).find("hunter2") == std::string::npos);
  }
  CHECK(cli({"status"}, {{"PRISMCTL_STORE_FILE", "nothing"}}).code == 66);
}

TEST_CASE("cli: a config file is read only if no one else may write to it") {
  const Cli cli;
  const auto file = cli.write("prismctl.toml", "store = \"config.db\"\n");
  for (const fs::perms mode : {fs::perms::group_write, fs::perms::others_write}) {
    fs::permissions(file, fs::perms::owner_all | mode);
    const Ended ended = cli({"status"});
    CHECK(ended.code == 78);
    CHECK(missing_in(ended.err, {"prismctl.toml: others may write to this config file",
                                 "HINT: ", "chmod go-w"}) == "");
  }
  fs::permissions(file, fs::perms::owner_read);
  CHECK(cli({"status"}).code == 3);
  constexpr uid_t kSomeoneElse = 65534;
  if (::chown(file.c_str(), kSomeoneElse, static_cast<gid_t>(-1)) != 0) {
    MESSAGE("skipped, for only root can give a file away: config file of someone else");
    return;
  }
  const Ended foreign = cli({"status"});
  CHECK(foreign.code == 78);
  CHECK(missing_in(foreign.err, {"this config file belongs to someone else", "chown"}) == "");
}

TEST_CASE("cli: commands that change something leave one line in the audit file") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,7000", "5002,,1146,7000"}));
  cli({"seed", "a.csv", "--store", "t.db"});
  cli({"seed", "a.csv", "--store", "t.db"});
  cli({"import", "a.csv", "--store", "t.db"});
  cli({"rebuild-cache", "--store", "t.db", "--cache", "c.db"});
  cli({"status", "--store", "t.db"});
  cli({"config"});
  const auto lines = cli.audit();
  REQUIRE(lines.size() == 4);
  CHECK(lines[0]["schema"] == 1);
  CHECK(lines[0]["command"] == "seed");
  CHECK(lines[0]["exit_code"] == 1);
  CHECK(lines[0]["result"] == "partial");
  CHECK(lines[0]["targets"] == Json{"input a.csv", "store t.db", "cache t.db"});
  CHECK(lines[0]["time"].get<std::string>().size() == std::string("2026-11-21T10:15:00Z").size());
  CHECK(lines[0]["seconds"].get<double>() >= 0);
  for (const char* key : {"user", "host"}) CHECK(lines[0][key].get<std::string>() != "");
  CHECK(lines[0]["process"].get<int>() > 1);
  CHECK_FALSE(lines[0].contains("error"));
  CHECK(lines[1]["result"] == "refused");
  CHECK(lines[1]["error"] == "t.db: holds 1 facts already");
  CHECK(lines[2]["command"] == "import");
  CHECK(lines[3]["targets"] == Json{"store t.db", "cache c.db"});
  struct stat state {};
  REQUIRE(::stat(cli.audit_file().c_str(), &state) == 0);
  CHECK((state.st_mode & 0777) == 0600);
  CHECK(cli({"import", "a.csv", "--store", "t.db", "--audit-log", "mine.jsonl"}).code == 1);
  CHECK(Json::parse(content_of(cli / "mine.jsonl"))["command"] == "import");
  CHECK(cli.audit().size() == 4);
}

TEST_CASE("cli: an audit file that can't be written is warned of and no failure") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,7000"}));
  const Ended ended = cli({"import", "a.csv", "--store", "t.db", "--audit-log", "/dev/full"});
  CHECK(ended.code == 0);
  CHECK(missing_in(ended.err, {"warning: no line in the audit file: /dev/full"}) == "");
  CHECK(facts_of(cli / "t.db").size() == 1);
}

TEST_CASE("cli: the log as text or JSON, on standard error or in a file") {
  const Cli cli;
  cli.write("a.csv", table({"5002,,1146,7000"}));
  const Ended text = cli({"convert", "a.csv", "-o", "x"});
  CHECK(text.err == "prismctl: warning: row rejected: a.csv: cell B2 (column 2): blank UID\n");
  const Ended json = cli({"convert", "a.csv", "-o", "x", "--log-format", "json"});
  Json line = Json::parse(json.err);
  CHECK(line["level"] == "warning");
  CHECK(line["message"] == "row rejected: a.csv: cell B2 (column 2): blank UID");
  CHECK(line["time"].get<std::string>().ends_with("Z"));
  const Ended file = cli({"convert", "a.csv", "-o", "x", "--log-file", "p.log", "--quiet"});
  CHECK(file.err == "");
  CHECK(missing_in(content_of(cli / "p.log"), {"Z prismctl: warning: row rejected: a.csv"}) == "");
  CHECK(cli({"convert", "a.csv", "-o", "x", "--log-level", "error"}).err == "");
  CHECK(cli({"convert", "a.csv", "-o", "x"}, {{"LOG_LEVEL", "fatal"}}).err == "");
}

TEST_CASE("cli: a reader of standard output that goes away is no error") {
  const Cli cli;
  cli.write("a.csv", many_facts(20'000, false));
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  FileDescriptor read_end(ends[0]), write_end(ends[1]);
  Launch launch = cli.launch({"convert", "a.csv", "-o", "-"});
  launch.output = write_end.get();
  Process process(launch);
  char first[16];
  CHECK(::read(read_end.get(), first, sizeof first) > 0);
  read_end = FileDescriptor();
  const Ended ended = process.wait();
  CHECK(ended.code == 0);
  CHECK(ended.signal == 0);
  CHECK(ended.err == "");
  CHECK(cli.left_behind().empty());
}

TEST_CASE("cli: standard output that can't be written is an I/O error") {
  const Cli cli;
  const FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  Launch launch = cli.launch({"config"});
  launch.output = full.get();
  const Ended ended = run(launch);
  CHECK(ended.code == 74);
  CHECK(ended.err == "prismctl: standard output: No space left on device\n");
}

}  // namespace prism::test
