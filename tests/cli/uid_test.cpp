#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/paths.hpp"

namespace prism::test {
namespace {

struct Range {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

/// A shell that reserves `times` × `count` UIDs, one range a line.
Process reserving(const Cli& cli, const std::string& kind, int times, int count) {
  Launch launch = cli.launch({});
  launch.program = "/bin/sh";
  launch.arguments = {"-c",
                      "i=0; while [ $i -lt $1 ]; do \"$0\" uid reserve --kind $2 -n $3 --store "
                      "t.db || exit; i=$((i + 1)); done",
                      prismctl_program(),
                      std::to_string(times),
                      kind,
                      std::to_string(count)};
  return Process(launch);
}

std::vector<Range> ranges_in(const std::string& out) {
  std::istringstream in(out);
  std::vector<Range> ranges;
  for (Range range; in >> range.first >> range.last;) ranges.push_back(range);
  return ranges;
}

/// All UIDs of some ranges; what is in two of them counts as failed.
std::set<std::int64_t> uids_in(const std::vector<Range>& ranges) {
  std::set<std::int64_t> uids;
  for (const Range& range : ranges) {
    for (auto uid = range.first; uid <= range.last; ++uid) {
      if (!uids.insert(uid).second) FAIL("given twice: " << uid);
    }
  }
  return uids;
}

}  // namespace

TEST_CASE("cli: uid show tells what is free, above all that is stored") {
  const Cli cli;
  cli.write("a.csv", table({"2000000041,1000000007,1146,700000"}));
  REQUIRE(cli({"import", "a.csv", "--store", "t.db"}).code == 0);
  const Ended ended = cli({"uid", "show", "--store", "t.db"});
  CHECK(ended.code == 0);
  CHECK(ended.out ==
        "KIND    NEXT        LEFT\nentity  1000000008  999,999,992\n"
        "fact    2000000042  9,007,197,254,740,951\n");
  Json json = cli.json({"uid", "show", "--store", "t.db"});
  CHECK(json["ranges"][0] == Json{{"kind", "entity"}, {"next", 1000000008}, {"left", 999999992}});
  CHECK(json["ranges"][1]["next"] == 2000000042);
}

TEST_CASE("cli: uid reserve takes ranges that follow each other") {
  const Cli cli;
  const Words words{"uid", "reserve", "--store", "t.db", "--kind"};
  const auto reserve = [&](const std::string& kind, const std::string& count) {
    Words all = words;
    all.insert(all.end(), {kind, "-n", count});
    return cli(all).out;
  };
  CHECK(reserve("fact", "100") == "2000000000 2000000099\n");
  CHECK(reserve("fact", "1") == "2000000100 2000000100\n");
  CHECK(reserve("entity", "5") == "1000000000 1000000004\n");
  Json json = cli.json({"uid", "reserve", "--kind", "entity", "--store", "t.db"});
  CHECK(json["first"] == 1000000005);
  CHECK(json["last"] == 1000000005);
  CHECK(json["count"] == 1);
  CHECK(json["kind"] == "entity");
  CHECK(cli.json({"uid", "show", "--store", "t.db"})["ranges"][1]["next"] == 2000000101);
}

TEST_CASE("cli: uid reserve looks up anew what others stored") {
  const Cli cli;
  REQUIRE(cli({"uid", "reserve", "--kind", "fact", "--store", "t.db"}).code == 0);
  Sql(cli / "t.db").execute("INSERT INTO fact (fact_uid) VALUES (2000000500)");
  CHECK(cli({"uid", "reserve", "--kind", "fact", "--store", "t.db"}).out ==
        "2000000501 2000000501\n");
}

TEST_CASE("cli: uid reserve ends at the end of a range") {
  const Cli cli;
  const Variables narrow{{"PRISM_MIN_FREE_UID", "1000"}, {"PRISM_MIN_FREE_FACT_UID", "1010"}};
  CHECK(cli({"uid", "reserve", "--kind", "entity", "-n", "8", "--store", "t.db"}, narrow).out ==
        "1000 1007\n");
  const Ended none =
      cli({"uid", "reserve", "--kind", "entity", "-n", "3", "--store", "t.db"}, narrow);
  CHECK(none.code == 73);
  CHECK(none.out.empty());
  CHECK(missing_in(none.err, {"no more entity UIDs: 3 wanted, 2 left from 1008 to 1009",
                              "PRISM_MIN_FREE_UID"}) == "");
  CHECK(cli({"uid", "reserve", "--kind", "entity", "-n", "2", "--store", "t.db"}, narrow).out ==
        "1008 1009\n");
}

TEST_CASE("cli: eight processes at once never get the same UID, and none is lost") {
  const Cli cli;
  std::vector<Process> processes;
  for (int i = 0; i < 8; ++i) processes.push_back(reserving(cli, "fact", 10, 1000));
  std::vector<Range> ranges;
  for (Process& process : processes) {
    const Ended ended = process.wait();
    CHECK(ended.code == 0);
    CHECK(ended.err == "");
    const auto more = ranges_in(ended.out);
    ranges.insert(ranges.end(), more.begin(), more.end());
  }
  CHECK(ranges.size() == 80);
  const auto uids = uids_in(ranges);
  CHECK(uids.size() == 80'000);
  CHECK(*uids.begin() == 2'000'000'000);
  CHECK(*uids.rbegin() == 2'000'079'999);
}

TEST_CASE("cli: UIDs reserved while a seed runs are not those of its facts") {
  const Cli cli;
  cli.write("a.csv", many_facts(30'000, true));
  REQUIRE(cli({"uid", "reserve", "--kind", "fact", "--store", "t.db"}).code == 0);
  Process seed(cli.launch({"seed", "a.csv", "--store", "t.db"}));
  std::vector<Range> ranges;
  while (!seed.ends_within(Process::Milliseconds(1))) {
    const Ended ended = reserving(cli, "fact", 1, 10).wait();
    REQUIRE(ended.code == 0);
    ranges.push_back(ranges_in(ended.out).at(0));
  }
  CHECK(seed.wait().code == 0);
  CHECK(ranges.size() >= 2);
  const auto reserved = uids_in(ranges);
  std::size_t given = 0;
  for (const auto& row :
       Sql(cli / "t.db").rows("SELECT fact_uid FROM fact WHERE fact_uid >= 2000000000")) {
    ++given;
    CHECK(!reserved.contains(std::stoll(row[0])));
  }
  CHECK(given == 600);
}

}  // namespace prism::test
