#include "cli/bad_input.hpp"

#include <doctest/doctest.h>

namespace prism::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHeader = "1,2,101,60,15,201\n";

Make csv(const std::string& rows) { return file("a.csv", std::string(kHeader) + rows); }

std::string sample(const std::string& name) { return content_of(example(name)); }

std::string first_half(const std::string& bytes) { return bytes.substr(0, bytes.size() / 2); }

/// The sample with a FILEPASS record behind the BOF record of its globals.
std::string encrypted_xls() {
  std::string bytes = sample("sample.xls");
  const auto begin = bytes.find(std::string("\x09\x08\x10\x00\x00\x06\x05\x00", 8));
  return bytes.replace(begin + 20, 2, std::string("\x2F\x00", 2));
}

/// An OLE2 file with the stream of an encrypted .xlsx.
std::string encrypted_xlsx() {
  std::string bytes = sample("sample.xls");
  const auto utf16 = [](std::string_view text) {
    std::string wide;
    for (const char c : text) wide += {c, '\0'};
    return wide;
  };
  const auto entry = bytes.find(utf16("Workbook"));
  const std::string name = utf16("EncryptedPackage");
  bytes.replace(entry, name.size(), name);
  bytes[entry + 64] = static_cast<char>(name.size() + 2);
  return bytes;
}

Held unreadable(const Cli& cli) {
  fs::permissions(cli.write("a.csv", table({})), fs::perms::none);
  return nullptr;
}

std::vector<Case> workbook_cases() {
  const Words seed{"seed", "a.xls"};
  const Words seed_csv{"seed", "a.csv"};
  return {
      {"no such file", nothing, seed, 66, {"a.xls: no such file or folder"}},
      {"unreadable file",
       unreadable,
       seed_csv,
       77,
       {"a.csv: Permission denied"},
       {},
       {},
       {},
       false},
      {"empty file", file("a.xls", ""), seed, 65, {"a.xls: not a workbook: found an empty file"}},
      {"text", file("a.xls", "just words\n"), seed, 65, {"a.xls: cell A2: no column IDs in row 2"}},
      {"web page", file("a.xls", "<html><table>"), seed, 65, {"a.xls: not a workbook: found HTML"}},
      {"PDF", file("a.xls", "%PDF-1.7\n"), seed, 65, {"found PDF", "expected .xls, .xlsx or .csv"}},
      {"binary data", file("a.xls", std::string(600, '\1')), seed, 65, {"found binary data"}},
      {"truncated .xls", file("a.xls", first_half(sample("sample.xls"))), seed, 65, {"a.xls: "}},
      {"truncated .xlsx", file("a.xls", first_half(sample("sample.xlsx"))), seed, 65, {"a.xls: "}},
      {"encrypted .xls",
       file("a.xls", encrypted_xls()),
       seed,
       65,
       {"a.xls: encrypted: the workbook is protected by a password"}},
      {"encrypted .xlsx",
       file("a.xls", encrypted_xlsx()),
       seed,
       65,
       {"a.xls: encrypted: the workbook is protected by a password"}},
      {"folder without workbooks",
       folder("books"),
       {"seed", "books"},
       66,
       {"books: no .xls, .xlsx or .xlsm file in this folder", "HINT: "}},
      {"folder without CSV", folder("csv"), {"import", "csv"}, 66, {"csv: no .csv file"}},
      {"damaged list of files",
       file("csv/.prismctl-files.json", "{"),
       {"import", "csv"},
       65,
       {"csv/.prismctl-files.json: not a list of converted files", "HINT: "}},
  };
}

std::vector<Case> table_cases() {
  const Words import{"import", "a.csv"};
  return {
      {"missing column ID",
       file("a.csv", "1,2,60\n1,2,3\n"),
       import,
       65,
       {"a.csv: cell A1: column ID 15 (rh_object_uid) is missing in row 1"}},
      {"doubled column ID",
       file("a.csv", "1,2,60,15,2\n"),
       import,
       65,
       {"a.csv: cell E1: column ID 2 stands twice, also in B1"}},
      {"column ID that is no number",
       file("a.csv", "t,,,,\n1,2,60,fifteen,15\n"),
       import,
       65,
       {"a.csv: cell D2: column ID expected, a whole number such as 69, found 'fifteen'"}},
      {"blank column ID",
       file("a.csv", "t,,,,\n1,2,,60,15\n,,,,\n1,2,x,4,5\n"),
       import,
       65,
       {"a.csv: cell C2: column ID missing, but C4 holds 'x'"}},
      {"wrong field count",
       csv("5009,6001,n,1146,7000,n\n5010,6001\n"),
       import,
       65,
       {"a.csv: row 3 (line 3): 2 fields, expected 6 as in the header"}},
      {"unclosed quote",
       csv("5009,6001,\"n,1146,7000,n\n\n"),
       import,
       65,
       {"a.csv: row 2", "a quote is opened and never closed"}},
      {"quote inside",
       csv("5009,6001,5\"x\",1146,7000,n\n"),
       import,
       65,
       {"a.csv: row 2 (line 2): field 3 has a quote inside"}},
      {"invalid UTF-8",
       csv("5009,6001,caf\xC3\xA9,1146,7000,n\n5010,6001,caf\xE9,1146,7000,n\n"),
       import,
       65,
       {"a.csv: row 3 (line 3): field 3 is not valid UTF-8 at byte 4 (0xe9)"}},
      {"a NUL",
       csv(std::string("5009,6001,\0,1146,7000,n\n", 24)),
       import,
       65,
       {"a.csv: row 2 (line 2): holds a NUL"}},
      {"two inputs of one name",
       csv(",7,n,1146,7000,n\n"),
       {"import", "a.csv", "a.csv"},
       64,
       {"two inputs are named 'a.csv'", "HINT: "}},
  };
}

/// A UID that can't be one rejects its row, with --strict the whole.
std::vector<Case> uid_cases() {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"seven,6001,n,1146,7000,n\n", "cell A2 (column 1): not a UID"},
      {"5009,6001.5,n,1146,7000,n\n", "cell B2 (column 2): not a UID"},
      {"5009,-6001,n,1146,7000,n\n", "cell B2 (column 2): not a UID"},
      {"5009,6001,n,0,7000,n\n", "cell D2 (column 60): not a UID"},
      {"5009,6001,n,1146,9007199254740993,n\n", "cell E2 (column 15): not a UID"},
      {"5009,6001,n,1146,\"70,00\",n\n", "cell E2 (column 15): not a UID"},
      {"5009,6001,n,1146,1e3,n\n", "cell E2 (column 15): not a UID"},
      {"5009,,n,1146,7000,n\n", "cell B2 (column 2): blank UID"},
      {"5009,6001,n,,7000,n\n", "cell D2 (column 60): blank UID"},
  };
  std::vector<Case> cases;
  for (const auto& [row, text] : rows) {
    cases.push_back({row, csv(row), {"import", "a.csv"}, 1, {"row rejected: a.csv: " + text}});
    cases.push_back({row + "strictly",
                     csv(row),
                     {"import", "a.csv", "--strict"},
                     65,
                     {text, "1 row was rejected", "prismctl-rejects.csv"}});
  }
  return cases;
}

}  // namespace

TEST_CASE("cli: bad workbooks are named and leave the store untouched") {
  check_all(workbook_cases());
}

TEST_CASE("cli: bad tables are told with row and column and leave the store untouched") {
  check_all(table_cases());
}

TEST_CASE("cli: bad UIDs reject their row, with --strict the whole") { check_all(uid_cases()); }

}  // namespace prism::test
