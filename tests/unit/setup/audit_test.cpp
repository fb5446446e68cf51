#include <prism/base/date.hpp>
#include <prism/setup/audit_reader.hpp>

#include "support/quiet.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::setup {
namespace {

/// The commands of the lines that are given.
std::string commands_in(const std::filesystem::path& file, Log& log,
                        std::optional<Moment> since = {}) {
  std::string commands;
  read_audit(
      file, since,
      [&](const AuditRecord& record) {
        commands += (commands.empty() ? "" : " ") + record.entry.command;
        return true;
      },
      log);
  return commands;
}

AuditEntry entry_of(const std::string& command, const std::string& time) {
  return {.command = command, .targets = {"store a.db"}, .error = {}, .started = time};
}

}  // namespace

TEST_CASE("setup: audit lines are read as they were written") {
  const test::Folder folder;
  test::Quiet quiet;
  AuditEntry entry = entry_of("backup prune", "2026-11-21T10:15:00Z");
  entry.exit_code = 73;
  entry.error = "no";
  entry.seconds = 1.5;
  entry.run = "r";
  append_audit(folder / "a/audit", entry);
  std::vector<AuditRecord> records;
  read_audit(
      folder / "a/audit", {},
      [&](const AuditRecord& record) {
        records.push_back(record);
        return true;
      },
      quiet.log());
  REQUIRE(records.size() == 1);
  CHECK(records[0].entry.command == "backup prune");
  CHECK(records[0].entry.targets == std::vector<std::string>{"store a.db"});
  CHECK(records[0].entry.exit_code == 73);
  CHECK(records[0].entry.error == "no");
  CHECK(records[0].entry.seconds == 1.5);
  CHECK(records[0].entry.run == "r");
  CHECK(records[0].result == "refused");
  CHECK_FALSE(records[0].user.empty());
  CHECK_FALSE(records[0].host.empty());
}

TEST_CASE("setup: damaged audit lines are passed over, and told by their number") {
  const test::Folder folder;
  const auto file = folder / "audit";
  append_audit(file, entry_of("seed", "2026-11-21T10:15:00Z"));
  const std::string good = test::content_of(file);
  const std::string bad[] = {"",
                             "nonsense",
                             "[]",
                             "{\"time\":\"now\",\"command\":\"x\",\"exit_code\":0}",
                             "{\"time\":\"2026-11-21T10:15:00Z\",\"command\":7,\"exit_code\":0}",
                             std::string(3'000'000, 'x')};
  for (const std::string& line : bad) {
    const auto log_file = folder / "log";
    folder.write("log", "");
    Log log({.file = log_file});
    folder.write("audit", good + line + "\n" + good);
    CHECK(commands_in(file, log) == "seed seed");
    CHECK(test::content_of(log_file).find("line 2 is damaged") != std::string::npos);
  }
}

TEST_CASE("setup: a line that was cut off costs no other one") {
  const test::Folder folder;
  test::Quiet quiet;
  const auto file = folder.write("audit", "{\"time\":\"2026-11-2");
  append_audit(file, entry_of("seed", "2026-11-21T10:15:00Z"));
  CHECK(commands_in(file, quiet.log()) == "seed");
}

TEST_CASE("setup: an audit file that was renamed is begun anew") {
  const test::Folder folder;
  test::Quiet quiet;
  append_audit(folder / "audit", entry_of("seed", "2026-11-21T10:15:00Z"));
  std::filesystem::rename(folder / "audit", folder / "audit.1");
  CHECK(commands_in(folder / "audit", quiet.log()) == "");
  append_audit(folder / "audit", entry_of("import", "2026-11-21T10:15:00Z"));
  CHECK(commands_in(folder / "audit", quiet.log()) == "import");
  CHECK(commands_in(folder / "audit.1", quiet.log()) == "seed");
}

TEST_CASE("setup: audit lines are chosen by their time") {
  const test::Folder folder;
  test::Quiet quiet;
  const auto file = folder / "audit";
  append_audit(file, entry_of("one", "2026-11-20T10:00:00Z"));
  append_audit(file, entry_of("two", "2026-11-21T10:00:00Z"));
  CHECK(commands_in(file, quiet.log(), parse_utc("2026-11-21T10:00:00Z")) == "two");
  CHECK(commands_in(file, quiet.log(), parse_utc("2026-11-21T10:00:01Z")) == "");
}

TEST_CASE("setup: how far back audit lines are asked for") {
  const Moment now = *parse_utc("2026-11-21T10:15:00Z");
  const auto since = [&](std::string_view text) {
    const auto moment = parse_since(text, now);
    return moment ? format_utc(*moment) : "none";
  };
  CHECK(since("2026-11-20T09:00:00Z") == "2026-11-20T09:00:00Z");
  CHECK(since("2026-11-20") == "2026-11-20T00:00:00Z");
  CHECK(since("7d") == "2026-11-14T10:15:00Z");
  CHECK(since("24h") == "2026-11-20T10:15:00Z");
  CHECK(since("30m") == "2026-11-21T09:45:00Z");
  for (const char* const bad : {"", "d", "7", "7w", "-7d", "7dd", "yesterday", "99999999999d"}) {
    CHECK(since(bad) == "none");
  }
}

}  // namespace prism::setup
