#include <map>
#include <string>

#include <prism/config/env_file.hpp>

#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::config {
namespace {

using Values = std::map<std::string, std::string>;

std::optional<std::string> outer(std::string_view name) {
  if (name == "HOME") return "/home/prism";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

Values parse(std::string_view text) { return parse_env(text, "test.env", outer); }

std::string value_of(const std::string& line) {
  const Values values = parse("FIRST=one\nKEY=" + line + "\n");
  REQUIRE(values.size() == 2);
  return values.at("KEY");
}

}  // namespace

TEST_CASE("config: env files hold one variable a line") {
  CHECK(parse("").empty());
  CHECK(parse("# comment\n\n   # indented\n \t \n").empty());
  CHECK(parse("A=1\nB=2") == Values{{"A", "1"}, {"B", "2"}});
  CHECK(parse("A=1\r\nB=2\r\n") == Values{{"A", "1"}, {"B", "2"}});
  CHECK(parse("  A = 1  ") == Values{{"A", "1"}});
  CHECK(parse("export A=1\nexport  _B2=2\n") == Values{{"A", "1"}, {"_B2", "2"}});
  CHECK(parse("exported=1") == Values{{"exported", "1"}});
  CHECK(parse("A=1\nA=2\n") == Values{{"A", "2"}});
}

TEST_CASE("config: values of env files with quotes, comments and variables") {
  struct Row {
    const char* line;
    const char* value;
  };
  const Row rows[] = {
      {"", ""},
      {"plain", "plain"},
      {"two words", "two words"},
      {"a=b=c", "a=b=c"},
      {"value # comment", "value"},
      {"value\t# comment", "value"},
      {"a#b", "a#b"},
      {"# comment", ""},
      {"redis://:p#w@h/0", "redis://:p#w@h/0"},
      {"'single # quoted'", "single # quoted"},
      {"'${FIRST} \\n'", "${FIRST} \\n"},
      {"' spaces '  # comment", " spaces "},
      {"\"double # quoted\"", "double # quoted"},
      {"\"say \\\"hi\\\"\"", "say \"hi\""},
      {"\"back\\\\slash\"", "back\\slash"},
      {"\"\\${FIRST}\"", "${FIRST}"},
      {"\"\"", ""},
      {"''", ""},
      {"${FIRST}", "one"},
      {"\"<${FIRST}>\"", "<one>"},
      {"a${FIRST}b${FIRST}c", "aonebonec"},
      {"${HOME}/data", "/home/prism/data"},
      {"${MISSING}", ""},
      {"${MISSING:-default}", "default"},
      {"${EMPTY:-default}", "default"},
      {"${FIRST:-default}", "one"},
      {"${MISSING:-}", ""},
      {"${MISSING:-redis://h:6379}", "redis://h:6379"},
      {"$FIRST", "$FIRST"},
      {"5$", "5$"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    CHECK(value_of(row.line) == row.value);
  }
}

TEST_CASE("config: a variable of the file itself is stronger than one outside") {
  CHECK(parse("HOME=/srv\nDATA=${HOME}/data").at("DATA") == "/srv/data");
  CHECK(parse("DATA=${HOME}/data\nHOME=/srv").at("DATA") == "/home/prism/data");
}

TEST_CASE("config: errors in env files name file and line") {
  struct Row {
    const char* text;
    const char* message;
  };
  const Row rows[] = {
      {"A=1\nnonsense\n", "test.env: line 2: no '=' in it"},
      {"=1", "test.env: line 1: not the name of a variable before '='"},
      {"1A=1", "test.env: line 1: not the name of a variable before '='"},
      {"A-B=1", "test.env: line 1: not the name of a variable before '='"},
      {"\n\nA='open", "test.env: line 3: a single quote is never closed"},
      {"A=\"open", "test.env: line 1: a double quote is never closed"},
      {"A=\"open\\\"", "test.env: line 1: a double quote is never closed"},
      {"A='x' y", "test.env: line 1: text behind the closing quote"},
      {"A=\"x\"y", "test.env: line 1: text behind the closing quote"},
      {"A=${B", "test.env: line 1: '${' without '}'"},
      {"A=${}", "test.env: line 1: not the name of a variable in '${…}'"},
      {"A=${B C}", "test.env: line 1: not the name of a variable in '${…}'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto thrown = test::thrown_by([&] { parse(row.text); });
    CHECK(thrown.code == ErrorCode::configuration);
    CHECK(thrown.message == row.message);
    CHECK(thrown.hint == "lines look like KEY=value");
  }
}

TEST_CASE("config: env files are read from disk") {
  const test::Folder folder;
  const auto file = folder.write("relica.env", "NEO4J_URI=bolt://graph:7687\n");
  CHECK(read_env_file(file, outer) == Values{{"NEO4J_URI", "bolt://graph:7687"}});
  const auto thrown = test::thrown_by([&] { read_env_file(folder / "missing.env", outer); });
  CHECK(thrown.code == ErrorCode::input_missing);
  CHECK(thrown.says("missing.env"));
}

TEST_CASE("config: a backslash in double quotes escapes only what a shell would") {
  const auto values = parse("A=\"p\\w\\$x\\\"y\\\\z\"\n");
  CHECK(values.at("A") == "p\\w$x\"y\\z");
}

TEST_CASE("config: a default may hold variables of its own") {
  const auto values = parse("B=deep\nA=${X:-${Y:-${B}}!}\n");
  CHECK(values.at("A") == "deep!");
  std::string nested;
  for (int i = 0; i < 40; ++i) nested += "${X:-";
  CHECK_THROWS_AS(parse("A=" + nested + std::string(40, '}') + "\n"), Error);
}

}  // namespace prism::config
