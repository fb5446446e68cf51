#include <doctest/doctest.h>

#include "cli/cli.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// The names in a folder but for the list of made files.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename() != ".prismctl-files.json") {
      names.push_back(entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> listed_in(const fs::path& folder) {
  const Json list = Json::parse(content_of(folder / ".prismctl-files.json"));
  CHECK(list["schema"] == 1);
  std::vector<std::string> names;
  for (const auto& file : list["files"]) names.push_back(file["name"]);
  return names;
}

using Names = std::vector<std::string>;

std::string replaced(std::string text, std::string_view old, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(old, at)) != text.npos; at += by.size()) {
    text.replace(at, old.size(), by);
  }
  return text;
}

/// A text of Windows-1252, of which 0x80 alone stands for something else than in ISO 8859-1.
std::string utf16_of(std::string_view windows1252) {
  std::string out = "\xFF\xFE";
  for (const char c : windows1252) {
    out += c == '\x80' ? std::string("\xAC\x20") : std::string{c, '\0'};
  }
  return out;
}

}  // namespace

TEST_CASE("cli: convert names its files by the order of arguments and of a folder's names") {
  const Cli cli;
  cli.write("z.csv", table({"5001,6001,1146,700000"}));
  cli.write("a.csv", table({"5002,6002,1146,700000"}));
  fs::create_directories(cli / "books/below");
  fs::copy(example("sample.xlsx"), cli / "books/2.xlsx");
  fs::copy(example("sample.xls"), cli / "books/10.xls");
  fs::copy(example("sample.xls"), cli / "books/below/not-looked-into.xls");
  Json made = cli.json({"convert", "z.csv", "books", "a.csv", "-o", "out"});
  Names workbooks;
  for (const auto& file : made["files"]) workbooks.push_back(file["workbook"]);
  CHECK(workbooks == Names{"z.csv", "10.xls", "2.xlsx", "a.csv"});
  CHECK(made["facts"] == 178);
  CHECK(made["rejected"] == 2);
  CHECK(made["files"][1]["sheet"] == "Pumps and vessels");
  CHECK(names_in(cli / "out") == Names{"0.csv", "1.csv", "2.csv", "3.csv", "rejects.csv"});
  CHECK(content_of(cli / "out/0.csv") == content_of(cli / "z.csv"));
  CHECK(content_of(cli / "out/3.csv") == content_of(cli / "a.csv"));
}

TEST_CASE("cli: convert writes the column IDs, plain numbers, ISO dates and quotes where needed") {
  const Cli cli;
  cli.write(
      "a.csv",
      "A title\n9,1,2,101,60,15,201,44,999\nstart,fact,left,name,relation,right,name,,\n"
      "21-Mar-01,5001,\"910,036\",\"say \"\"it\"\", twice\",1146.0,700000,\"a\r\nb\",\"1,1\","
      "kept\n03/21/2001,5002,6001,,1146,700000,,,\n,,,,,,,,\nsoon,5003,6001,,1146,700000,,,\n");
  const Ended ended = cli({"convert", "a.csv", "-o", "out"});
  CHECK(ended.code == 0);
  CHECK(missing_in(ended.err, {"a.csv", "cell A7 (column 9)", "not a date", "'soon'"}) == "");
  CHECK(content_of(cli / "out/0.csv") ==
        "9,1,2,101,60,15,201,44,999\n"
        "2001-03-21,5001,910036,\"say \"\"it\"\", twice\",1146,700000,\"a\nb\",\"1,1\",kept\n"
        "2001-03-21,5002,6001,,1146,700000,,,\nsoon,5003,6001,,1146,700000,,,\n");
}

TEST_CASE(
    "cli: convert makes one CSV of UTF-8, Windows-1252 and UTF-16, whatever is between fields") {
  const std::string utf8 =
      "Table|of facts\n1|2|101|60|15|201\nfact|left|name|relation|right|name\n"
      "5001|\"910,036\"|caf\xC3\xA9 at 5 \xE2\x82\xAC|1146|700000|\"two\nlines\"\n"
      "5002|6001|\"a, b; c\"|1146|700000|plain\n";
  const std::string windows1252 =
      replaced(replaced(utf8, "\xC3\xA9", "\xE9"), "\xE2\x82\xAC", "\x80");
  const Cli cli;
  cli.write("a.csv", replaced(utf8, "|", ","));
  cli.write("b.csv", replaced(replaced(windows1252, "|", ";"), "\n", "\r\n"));
  cli.write("c.tsv", utf16_of(replaced(windows1252, "|", "\t")));
  CHECK(cli({"convert", "a.csv", "b.csv", "c.tsv", "-o", "out"}).code == 0);
  CHECK(content_of(cli / "out/0.csv") ==
        "1,2,101,60,15,201\n5001,910036,caf\xC3\xA9 at 5 \xE2\x82\xAC,1146,700000,\"two\nlines\"\n"
        "5002,6001,\"a, b; c\",1146,700000,plain\n");
  CHECK(content_of(cli / "out/1.csv") == content_of(cli / "out/0.csv"));
  CHECK(content_of(cli / "out/2.csv") == content_of(cli / "out/0.csv"));
}

TEST_CASE("cli: convert removes what an earlier run made and leaves all else") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,700000"}));
  cli.write("b.csv", table({"5002,6002,1146,700000", "5003,,1146,700000"}));
  CHECK(cli({"convert", "a.csv", "b.csv", "-o", "out"}).code == 1);
  CHECK(listed_in(cli / "out") == Names{"0.csv", "1.csv", "rejects.csv"});
  cli.write("out/7.csv", "not made by prismctl");
  CHECK(cli({"convert", "a.csv", "-o", "out"}).code == 0);
  CHECK(names_in(cli / "out") == Names{"0.csv", "7.csv"});
  CHECK(listed_in(cli / "out") == Names{"0.csv"});
  CHECK(content_of(cli / "out/7.csv") == "not made by prismctl");
}

TEST_CASE("cli: convert refuses to write over files that it did not make") {
  for (const std::string name : {"0.csv", "rejects.csv"}) {
    CAPTURE(name);
    const Cli cli;
    cli.write("a.csv", table({"5001,6001,1146,700000", "5002,,1146,700000"}));
    cli.write("out/" + name, "mine");
    const Ended ended = cli({"convert", "a.csv", "-o", "out"});
    CHECK(ended.code == 73);
    CHECK(missing_in(ended.err, {"out/" + name, "was not made by prismctl convert", "HINT: "}) ==
          "");
    CHECK(names_in(cli / "out") == Names{name});
    CHECK(content_of(cli / "out" / name) == "mine");
    CHECK(cli.left_behind().empty());
  }
}

TEST_CASE("cli: convert - prints one CSV, the warnings elsewhere") {
  const Cli cli;
  const Ended printed = cli({"convert", example("sample.xls").string(), "-o", "-"});
  CHECK(printed.code == 1);
  CHECK(cli({"convert", example("sample.xls").string(), "-o", "out"}).code == 1);
  CHECK(printed.out == content_of(cli / "out/0.csv"));
  CHECK(missing_in(printed.err, {"1 rejected row is in prismctl-rejects.csv"}) == "");
  CHECK(content_of(cli / "prismctl-rejects.csv") == content_of(cli / "out/rejects.csv"));
  CHECK(cli.left_behind().empty());

  cli.write("a.csv", table({}));
  const Ended two = cli({"convert", "a.csv", "a.csv", "-o", "-"});
  CHECK(two.code == 64);
  CHECK(two.out.empty());
  CHECK(missing_in(two.err, {"standard output takes the CSV of one workbook", "--output DIR"}) ==
        "");
}

TEST_CASE("cli: convert --uids keep leaves temporary and blank UIDs, assign replaces them") {
  const Cli cli;
  cli.write("a.csv", table({"7,8,1146,700000", ",8,1146,700001"}));
  CHECK(cli({"convert", "a.csv", "-o", "kept"}).code == 0);
  CHECK(content_of(cli / "kept/0.csv") == content_of(cli / "a.csv"));
  const Words assign{"convert", "a.csv", "-o", "out", "--uids", "assign", "--store", "t.db"};
  Json first = cli.json(assign);
  CHECK(first["uids_taken"] == 3);
  CHECK(content_of(cli / "out/0.csv") ==
        "1,2,101,60,15,201\n"
        "2000000000,1000000000,name of 8,1146,700000,name of 700000\n"
        "2000000001,1000000000,name of 8,1146,700001,name of 700001\n");
  const std::string bytes = content_of(cli / "out/0.csv");
  CHECK(cli.json(assign)["uids_taken"] == 0);
  CHECK(content_of(cli / "out/0.csv") == bytes);
}

TEST_CASE("cli: convert that fails leaves the folder as it was") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,700000"}));
  cli.write("bad.csv", table({"5001,6001,1146,700000"}) + "1,2\n");
  REQUIRE(cli({"convert", "a.csv", "-o", "out"}).code == 0);
  CHECK(cli({"convert", "a.csv", "bad.csv", "-o", "out"}).code == 65);
  CHECK(names_in(cli / "out") == Names{"0.csv"});
  CHECK(cli({"convert", "bad.csv", "-o", "new"}).code == 65);
  CHECK_FALSE(fs::exists(cli / "new"));
  CHECK(cli({"convert", "nothing.xls", "-o", "new"}).code == 66);
  CHECK_FALSE(fs::exists(cli / "new"));
  CHECK(cli.left_behind().empty());
}

TEST_CASE("cli: convert --strict writes no CSV but says which rows it rejected") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,700000", "5002,,1146,700000"}));
  const Ended ended = cli({"convert", "a.csv", "-o", "out", "--strict"});
  CHECK(ended.code == 65);
  CHECK(missing_in(ended.err, {"1 row was rejected", "out/rejects.csv"}) == "");
  CHECK(names_in(cli / "out") == Names{"rejects.csv"});
  CHECK(listed_in(cli / "out") == Names{"rejects.csv"});
  CHECK(content_of(cli / "out/rejects.csv") ==
        "file,sheet,row,column,value,reason\na.csv,,3,2,,blank UID\n");
  cli.write("a.csv", table({"5001,6001,1146,700000"}));
  CHECK(cli({"convert", "a.csv", "-o", "out", "--strict"}).code == 0);
  CHECK(names_in(cli / "out") == Names{"0.csv"});
}

}  // namespace prism::test
