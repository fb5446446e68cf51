#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include <prism/base/date.hpp>
#include <prism/base/log.hpp>

#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism {
namespace {

std::vector<std::string> lines_of(const std::string& content) {
  std::vector<std::string> lines;
  std::istringstream in(content);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// What a log with these options leaves in its file.
template <typename Write>
std::vector<std::string> logged(LogOptions options, Write&& write) {
  const test::Folder folder;
  options.file = folder / "log";
  {
    Log log(options);
    write(log);
  }
  return lines_of(test::content_of(options.file));
}

void write_all(Log& log) {
  log.debug("one");
  log.info("two");
  log.warning("three");
  log.error("four");
}

}  // namespace

TEST_CASE("base: a log file has the time, the level and the message") {
  const auto lines = logged({.level = LogLevel::debug}, write_all);
  REQUIRE(lines.size() == 4);
  const char* expected[] = {" prismctl: debug: one", " prismctl: two", " prismctl: warning: three",
                            " prismctl: error: four"};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CAPTURE(lines[i]);
    REQUIRE(lines[i].size() > 20);
    CHECK(parse_utc(lines[i].substr(0, 20)).has_value());
    CHECK(lines[i].substr(20) == expected[i]);
  }
}

TEST_CASE("base: what is below the level of the log is left out") {
  struct Row {
    LogLevel level;
    std::size_t lines;
  };
  for (const auto& [level, count] :
       {Row{LogLevel::debug, 4}, Row{LogLevel::info, 3}, Row{LogLevel::warning, 2},
        Row{LogLevel::error, 1}, Row{LogLevel::off, 0}}) {
    CAPTURE(static_cast<int>(level));
    CHECK(logged({.level = level}, write_all).size() == count);
  }
}

TEST_CASE("base: a JSON log has one object a line") {
  const auto lines = logged({.level = LogLevel::info, .format = LogFormat::json}, [](Log& log) {
    log.info("found 3 \"facts\"\nin two lines");
    log.warning("braces {} are no format");
    log.error("bytes \xFF that are no UTF-8");
  });
  REQUIRE(lines.size() == 3);
  const auto first = nlohmann::json::parse(lines[0]);
  CHECK(first.at("level") == "info");
  CHECK(first.at("message") == "found 3 \"facts\"\nin two lines");
  CHECK(parse_utc(first.at("time").get<std::string>()).has_value());
  CHECK(nlohmann::json::parse(lines[1]).at("level") == "warning");
  CHECK(nlohmann::json::parse(lines[1]).at("message") == "braces {} are no format");
  CHECK(nlohmann::json::parse(lines[2]).at("level") == "error");
  CHECK(nlohmann::json::parse(lines[2]).at("message") == "bytes \xEF\xBF\xBD that are no UTF-8");
}

TEST_CASE("base: a log file is added to") {
  const test::Folder folder;
  const auto file = folder.write("log", "of an earlier run\n");
  Log({.file = file}).info("of this run");
  const auto lines = lines_of(test::content_of(file));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "of an earlier run");
}

TEST_CASE("base: lines of several threads don't mix") {
  const auto lines = logged({.level = LogLevel::info}, [](Log& log) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&log] {
        for (int i = 0; i < 100; ++i) log.info(std::string(100, 'x'));
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  REQUIRE(lines.size() == 400);
  for (const std::string& line : lines) {
    CHECK(line.substr(20) == " prismctl: " + std::string(100, 'x'));
  }
}

TEST_CASE("base: a log file that can't be opened is told") {
  const test::Folder folder;
  const auto file = folder.write("not-a-folder", "") / "log";
  const auto thrown = test::thrown_by([&] { Log({.file = file}); });
  CHECK(thrown.code == ErrorCode::io);
  CHECK(thrown.says("log file can't be opened"));
  CHECK(thrown.says(file.string()));
  CHECK(thrown.hint == "check --log-file");
}

TEST_CASE("base: a log file is opened anew when that is asked for") {
  const test::Folder folder;
  std::atomic<bool> reopen{false};
  Log log({.file = folder / "log", .reopen = &reopen});
  log.info("one");
  std::filesystem::rename(folder / "log", folder / "log.1");
  log.info("two");
  reopen = true;
  log.info("three");
  CHECK_FALSE(reopen);
  CHECK(lines_of(test::content_of(folder / "log.1")).size() == 2);
  const auto lines = lines_of(test::content_of(folder / "log"));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].ends_with(" prismctl: three"));
}

TEST_CASE("base: where a log file can't be opened anew, the old one goes on") {
  const test::Folder folder;
  std::atomic<bool> reopen{false};
  Log log({.file = folder / "a/log", .reopen = &reopen});
  std::filesystem::rename(folder / "a", folder / "b");
  folder.write("a", "a file");
  reopen = true;
  log.info("one");
  CHECK(lines_of(test::content_of(folder / "b/log")).size() == 1);
  std::filesystem::remove(folder / "a");
  log.info("two");
  CHECK(lines_of(test::content_of(folder / "a/log")).size() == 1);
}

TEST_CASE("base: a log as JSON tells which run it is of, where it has a name") {
  const auto lines = logged({.format = LogFormat::json, .run = "r1"}, write_all);
  REQUIRE(lines.size() == 3);
  for (const std::string& line : lines) CHECK(nlohmann::json::parse(line).at("run") == "r1");
}

}  // namespace prism
