#include <doctest/doctest.h>

#include <prism/backup/catalog.hpp>
#include <prism/drivers/postgres/wal/archive.hpp>
#include <prism/drivers/postgres/wal/segment_header.hpp>
#include <prism/drivers/postgres/wal/timelines.hpp>
#include <prism/drivers/wal.hpp>

#include "support/memory_repository.hpp"
#include "support/thrown.hpp"
#include "support/wal.hpp"

namespace prism::postgres {
namespace {

using Names = std::vector<std::string>;

const std::string kSystem = std::to_string(test::kWalSystem);

std::string runs_of(const WalSummary& summary) {
  std::string text;
  for (const WalRun& run : summary.runs) {
    text += (text.empty() ? "" : " ") + run.first.text() + "-" + run.last.text();
  }
  return text;
}

}  // namespace

TEST_CASE("wal: names of segments, by number and by place, for each size of them") {
  const auto name = parse_segment_name("0000000A000001A200000007").value();
  CHECK(name == SegmentName{10, 0x1A2, 7});
  CHECK(name.text() == "0000000A000001A200000007");
  CHECK(name.number(16 * test::kWalMiB) == 0x1A2 * 256 + 7);
  CHECK(name.number(1024 * test::kWalMiB) == 0x1A2 * 4 + 7);
  for (const std::uint64_t bytes : {test::kWalMiB, 16 * test::kWalMiB, 1024 * test::kWalMiB}) {
    CHECK(segment_of(3, segment_of(3, 0x1'0000'0005, bytes).number(bytes), bytes) ==
          segment_of(3, 0x1'0000'0005, bytes));
  }
  CHECK(segment_at(1, 0x1'0200'0000, 16 * test::kWalMiB).text() == "000000010000000100000002");
  CHECK(segment_of(1, 255, 16 * test::kWalMiB).text() == "0000000100000000000000FF");
  CHECK(segment_of(1, 256, 16 * test::kWalMiB).text() == "000000010000000100000000");
  CHECK_FALSE(parse_segment_name("00000001000000a200000007"));
  CHECK_FALSE(parse_segment_name("0000000100000000000000"));
}

TEST_CASE("wal: what PostgreSQL archives, and nothing else, has a kind") {
  CHECK(kind_of_wal_file("000000010000000000000001") == WalFile::segment);
  CHECK(kind_of_wal_file("000000010000000000000001.partial") == WalFile::partial);
  CHECK(kind_of_wal_file("000000010000000000000001.00000028.backup") == WalFile::backup_label);
  CHECK(kind_of_wal_file("0000000A.history") == WalFile::history);
  for (const char* const name :
       {"", "pg_wal", "RECOVERYXLOG", "00000001.histor", "0000000a.history", "../00000001.history",
        "000000010000000000000001.", "000000010000000000000001.backup",
        "000000010000000000000001.0000002g.backup", "000000010000000000000001.partial.partial"}) {
    CAPTURE(name);
    CHECK_FALSE(kind_of_wal_file(name));
  }
}

TEST_CASE("wal: a segment must be what its name says") {
  const std::string name = "000000020000000100000003";
  const std::string good = test::wal_segment(name);
  const auto check = [&](const std::string& content, const std::string& named,
                         const std::string& system = kSystem) {
    return test::thrown_by([&] { require_segment(content, content.size(), system, named, "x"); });
  };
  CHECK_NOTHROW(require_segment(good, good.size(), kSystem, name, "x"));
  CHECK_NOTHROW(require_segment(good, good.size(), kSystem, name + ".partial", "x"));
  // The first segment of a timeline begins with a copy of the one before.
  CHECK_NOTHROW(require_segment(good, good.size(), kSystem, "000000050000000100000003", "x"));
  CHECK(check(good, "000000010000000100000003").says("it is the segment " + name));
  CHECK(check(good, "000000020000000100000004").says("not 000000020000000100000004"));
  CHECK(check(good, name, "42").says("WAL of another cluster: its system identifier is 73000"));
  CHECK(check(good.substr(0, 8192), name).says("8192 bytes, expected 1048576"));
  CHECK(check("short", name).says("too short"));
  CHECK(check(std::string(test::kWalMiB, '\0'), name).says("no WAL segment"));
  CHECK(check(std::string(test::kWalMiB, '\0'), name).code == ErrorCode::bad_data);
}

TEST_CASE("wal: the system identifier is what pg_control begins with") {
  CHECK(system_id_of_control(test::wal_control(), "x") == kSystem);
  CHECK(test::thrown_by([] { system_id_of_control(std::string(8192, '\0'), "x"); }).code ==
        ErrorCode::bad_data);
  CHECK(test::thrown_by([] { system_id_of_control("", "x"); }).says("too short"));
}

TEST_CASE("wal: a summary tells runs, and what is missing between them") {
  const std::uint64_t bytes = 16 * test::kWalMiB;
  CHECK(runs_of(summarize_wal({}, bytes)).empty());
  const WalSummary one = summarize_wal(
      {"0000000100000000000000FF", "0000000100000000000000FE", "000000010000000100000000",
       "000000010000000100000000.00000028.backup", "000000010000000100000001.partial"},
      bytes);
  CHECK(runs_of(one) == "0000000100000000000000FE-000000010000000100000000");
  CHECK(one.gaps.empty());
  CHECK(one.last_partial == "000000010000000100000001.partial");

  const WalSummary gaps = summarize_wal(
      {"000000010000000000000001", "000000010000000000000003", "000000010000000000000007"}, bytes);
  CHECK(gaps.runs.size() == 3);
  CHECK(gaps.gaps == Names{"000000010000000000000002 is missing",
                           "000000010000000000000004 to 000000010000000000000006 are missing"});
  // Segments of 1 GiB: four of them in 4 GiB.
  CHECK(
      summarize_wal({"000000010000000000000003", "000000010000000100000000"}, 1024 * test::kWalMiB)
          .gaps.empty());
}

TEST_CASE("wal: a timeline begins in or behind the one before, and has a history") {
  const std::uint64_t bytes = 16 * test::kWalMiB;
  const WalSummary good =
      summarize_wal({"00000002.history", "000000010000000000000001", "000000010000000000000002",
                     "000000020000000000000002", "000000020000000000000003"},
                    bytes);
  CHECK(good.gaps.empty());
  CHECK(good.histories == Names{"00000002.history"});
  CHECK(good.runs.size() == 2);
  const WalSummary bad =
      summarize_wal({"000000010000000000000001", "000000020000000000000003"}, bytes);
  CHECK(bad.gaps == Names{"000000010000000000000002 is missing", "00000002.history is missing"});
  // What retention has left of timelines needs none that are lower.
  CHECK(summarize_wal({"00000003.history", "000000030000000000000008"}, bytes).gaps.empty());
}

TEST_CASE("wal: what lies before the first segment that is needed goes, of any timeline") {
  test::MemoryRepository repository;
  const Cancel cancel;
  WalArchive archive(repository, kSystem, {}, cancel);
  const auto put = [&](const std::string& name, const std::string& text) {
    test::TextSource source(text);
    archive.put(name, source);
  };
  for (const char* const name :
       {"000000010000000000000001", "000000010000000000000002", "000000020000000000000002",
        "000000010000000000000003", "000000020000000000000003"}) {
    put(name, test::wal_segment(name));
  }
  put("000000010000000000000002.00000028.backup", "START WAL LOCATION: 0/2000028");
  put("000000010000000000000002.partial", "x");
  put("00000002.history", "1\t0/2000000\tno recovery target specified\n");
  const SegmentName needed{1, 0, 3};
  const RemovedWal would = remove_wal_before(repository, kSystem, needed, true, cancel);
  CHECK(would.files == 5);
  CHECK(archive.list().size() == 8);
  const RemovedWal removed = remove_wal_before(repository, kSystem, needed, false, cancel);
  CHECK(removed.files == 5);
  CHECK(removed.bytes == would.bytes);
  CHECK(archive.list() ==
        Names{"000000010000000000000003", "00000002.history", "000000020000000000000003"});
  // Contents and hashes of three, and the size of segments.
  CHECK(repository.list("wal/").size() == 7);
  CHECK(archive.is_begun());
}

namespace {

void put(repository::Repository& repository, const std::string& name, const std::string& text) {
  const auto sink = repository.create(name);
  sink->write(text);
  sink->finish();
}

/// Puts the manifest of a copy whose WAL lies from `first` to `last`.
void put_copy(repository::Repository& repository, const std::string& id, const std::string& first,
              const std::string& last, const std::string& system = kSystem,
              const std::string& error = "") {
  backup::Manifest manifest;
  manifest.id = id;
  backup::TargetRecord target{"store", "postgresql", "", error, {}, 0, {}};
  target.content.physical.emplace();
  target.content.physical->system = system;
  target.content.physical->segment_bytes = test::kWalMiB;
  target.content.physical->first_segment = first;
  target.content.physical->last_segment = last;
  manifest.targets.push_back(target);
  put(repository, backup::object_name(id, backup::kManifest), to_json_text(manifest));
}

}  // namespace

TEST_CASE("wal: of the good copies of a cluster on a timeline the first is the oldest") {
  test::MemoryRepository repository;
  CHECK_FALSE(oldest_copy(repository, kSystem, 1));
  put_copy(repository, "20260101T000000Z-0000", "000000010000000000000001",
           "000000010000000000000002", kSystem, "it failed");
  put_copy(repository, "20260102T000000Z-0000", "000000010000000000000002",
           "000000010000000000000002", "42");
  put_copy(repository, "20260103T000000Z-0000", "000000020000000000000003",
           "000000020000000000000003");
  put(repository, "20260104T000000Z-0000/begun.json", "{}");
  CHECK_FALSE(oldest_copy(repository, kSystem, 1));
  put_copy(repository, "20260105T000000Z-0000", "000000010000000000000008",
           "000000010000000000000009");
  put_copy(repository, "20260106T000000Z-0000", "000000010000000000000005",
           "000000010000000000000007");
  const auto oldest = oldest_copy(repository, kSystem, 1);
  REQUIRE(oldest);
  CHECK(oldest->first == 5 * test::kWalMiB);
  CHECK(oldest->last == 7 * test::kWalMiB);
}

TEST_CASE("wal: as long as a backup may be under way no blocks go, whoever has its lock") {
  test::MemoryRepository repository;
  const Cancel cancel;
  put(repository, "blocks/packs/" + std::string(32, 'a'), "something");
  const auto swept = [&](backup::State state, std::chrono::hours age) {
    backup::Backup backup;
    backup.state = state;
    backup.time = std::chrono::system_clock::now() - age;
    return drivers::remove_unneeded(repository, {&backup}, true, cancel).packs;
  };
  using std::chrono::hours;
  CHECK(swept(backup::State::partial, hours(1)) == 0);
  CHECK(swept(backup::State::partial, hours(-1)) == 0);
  CHECK(swept(backup::State::partial, hours(25)) == 1);
  CHECK(swept(backup::State::incomplete, hours(1)) == 1);
}

TEST_CASE("wal: a history tells where timelines ended") {
  const auto entries = parse_history(
      "1\t0/3000148\tno recovery target specified\n\n"
      "# a remark\n2\t1/A0\tbefore 2026-11-21 10:15:00+00",
      "x");
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].timeline == 1);
  CHECK(entries[0].end == 0x3000148);
  CHECK(entries[1].timeline == 2);
  CHECK(entries[1].end == 0x1'0000'00A0);
  CHECK(parse_history("", "x").empty());
  CHECK(test::thrown_by([] { parse_history("one\t0/1", "x"); }).code == ErrorCode::bad_data);
}

TEST_CASE("wal: what is received next is what the archive lacks on the way to a timeline") {
  const std::uint64_t bytes = 16 * test::kWalMiB;
  // 1 ends in segment 5, 2 in segment 5 as well, 3 in segment 8.
  const std::vector<TimelineEnd> history{
      {1, 5 * bytes + 100}, {2, 5 * bytes + 200}, {3, 8 * bytes}};
  const auto next = [&](const Names& names) {
    const StreamStart start = first_lacking(names, history, 4, bytes);
    return start.timeline == 0 ? "" : segment_at(start.timeline, start.lsn, bytes).text();
  };
  CHECK(next({}).empty());
  CHECK(next({"00000002.history"}).empty());
  CHECK(next({"000000010000000000000003"}) == "000000010000000000000004");
  CHECK(next({"000000010000000000000004"}) == "000000030000000000000005");
  // The old server went on for a while.
  CHECK(next({"000000010000000000000007"}) == "000000030000000000000005");
  CHECK(next({"000000010000000000000004", "000000030000000000000006"}) ==
        "000000030000000000000007");
  CHECK(next({"000000030000000000000007"}) == "000000040000000000000008");
  CHECK(next({"000000040000000000000009", "000000010000000000000004"}) ==
        "00000004000000000000000A");
  // That of another branch says nothing.
  CHECK(next({"000000090000000000000009"}).empty());
}

}  // namespace prism::postgres
