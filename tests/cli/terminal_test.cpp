#include "support/terminal.hpp"

#include <csignal>

#include <doctest/doctest.h>

#include "cli/cli.hpp"

namespace prism::test {
namespace {

/// Everything that a command shows on a terminal.
std::string shown(const Cli& cli, const Words& words, Variables variables = {}) {
  variables.try_emplace("TERM", "xterm");
  Terminal terminal;
  Launch launch = cli.launch(words, variables);
  launch.output = launch.errors = terminal.program();
  Process process(launch);
  std::string text = terminal.read_all(process);
  process.wait();
  return text;
}

void seeded(const Cli& cli) {
  cli.write("a.csv", table({"5001,6001,1146,7000"}));
  REQUIRE(cli({"seed", "a.csv", "--store", "t.db"}).code == 0);
}

constexpr const char* kGreenOk = "\033[32mok\033[0m";

}  // namespace

TEST_CASE("cli: colours are for terminals that want them") {
  const Cli cli;
  seeded(cli);
  const Words status{"status", "--store", "t.db"};
  CHECK(missing_in(shown(cli, status), {kGreenOk}) == "");
  CHECK(shown(cli, status, {{"NO_COLOR", "1"}}).find('\033') == std::string::npos);
  CHECK(shown(cli, status, {{"TERM", "dumb"}}).find('\033') == std::string::npos);
  CHECK(missing_in(shown(cli, status, {{"NO_COLOR", ""}}), {kGreenOk}) == "");
  CHECK(cli(status).out.find('\033') == std::string::npos);
  CHECK(shown(cli, {"status", "--store", "t.db", "--json"}).find('\033') == std::string::npos);
}

TEST_CASE("cli: errors and warnings are coloured on a terminal only") {
  const Cli cli;
  cli.write("a.csv", table({"5002,,1146,7000"}));
  const Words convert{"convert", "a.csv", "-o", "out"};
  CHECK(missing_in(shown(cli, {"status"}), {"\033[31mprismctl:\033[0m ./prism.db: there is no"}) ==
        "");
  CHECK(missing_in(shown(cli, convert), {"\033[33mwarning:\033[0m row rejected"}) == "");
  const std::string plain = shown(cli, convert, {{"NO_COLOR", "1"}});
  CHECK(missing_in(plain, {"prismctl: warning: row rejected"}) == "");
  CHECK(plain.find("\033[3") == std::string::npos);
  CHECK(cli(convert).err.find('\033') == std::string::npos);
}

namespace {

/// What an import of many facts shows. It is stopped for a moment again and again, so that its bar
/// is due however fast the machine is.
std::string shown_slowly(const Cli& cli, const Words& flags) {
  cli.write("many.csv", many_facts(60'000, false));
  Words words{"import", "many.csv", "--store", "t.db"};
  words.insert(words.end(), flags.begin(), flags.end());
  Terminal terminal;
  Launch launch = cli.launch(words, {{"TERM", "xterm"}});
  launch.output = launch.errors = terminal.program();
  Process process(launch);
  std::string text;
  while (!process.ends_within(Process::Milliseconds(20))) {
    process.send(SIGSTOP);
    terminal.read_some(text, 120);
    process.send(SIGCONT);
  }
  text += terminal.read_all(process);
  CHECK(process.wait().code == 0);
  return text;
}

}  // namespace

TEST_CASE("cli: progress is shown on a terminal, and wiped away") {
  const Cli cli;
  const std::string text = shown_slowly(cli, {});
  CHECK(missing_in(text, {"\r\033[Kimporting ", " facts, ", "/s"}) == "");
  const auto last = text.rfind("/s");
  CHECK(text.find("\r\033[K", last) != std::string::npos);
  CHECK(missing_in(text.substr(last), {"imported in ", "60,000 facts inserted"}) == "");
}

TEST_CASE("cli: --no-progress and --quiet show no progress") {
  for (const std::string flag : {"--no-progress", "--quiet"}) {
    CAPTURE(flag);
    const Cli cli;
    const std::string text = shown_slowly(cli, {flag});
    CHECK(text.find('\033') == std::string::npos);
    CHECK(text.find("importing") == std::string::npos);
  }
}

TEST_CASE("cli: no progress where standard error is no terminal") {
  const Cli cli;
  cli.write("many.csv", many_facts(20'000, false));
  const Ended ended = cli({"import", "many.csv", "--store", "t.db"});
  CHECK(ended.code == 0);
  CHECK(ended.err == "");
}

}  // namespace prism::test
