#include <cerrno>
#include <csignal>
#include <map>
#include <set>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/base/error.hpp>

#include "support/thrown.hpp"

namespace prism {
namespace {

using test::thrown_by;

/// The numbers that operators' scripts rely on.
const std::map<int, std::string> kPromised{
    {0, "done"},
    {1, "partial"},
    {2, "critical"},
    {3, "unknown"},
    {64, "usage"},
    {65, "bad_data"},
    {66, "input_missing"},
    {69, "unavailable"},
    {70, "internal"},
    {73, "refused"},
    {74, "io"},
    {75, "locked"},
    {77, "permission"},
    {78, "configuration"},
    {130, "interrupted"},
    {143, "terminated"},
};

}  // namespace

TEST_CASE("base: every exit code has the number and name that was promised") {
  std::map<int, std::string> found;
  for (const ErrorInfo& info : error_table()) {
    found.emplace(static_cast<int>(info.code), info.name);
  }
  CHECK(found == kPromised);
  CHECK(error_table().size() == kPromised.size());
}

TEST_CASE("base: names and meanings of exit codes are told apart") {
  std::set<std::string_view> names, meanings;
  int before = -1;
  for (const ErrorInfo& info : error_table()) {
    CAPTURE(info.name);
    CHECK(static_cast<int>(info.code) > before);
    before = static_cast<int>(info.code);
    CHECK(names.insert(info.name).second);
    CHECK(meanings.insert(info.meaning).second);
    CHECK_FALSE(info.meaning.empty());
    CHECK_FALSE(info.meaning.ends_with('.'));
    CHECK(error_name(info.code) == info.name);
  }
}

TEST_CASE("base: a number that is in no table is told as an internal error") {
  CHECK(error_name(static_cast<ErrorCode>(42)) == "internal");
}

TEST_CASE("base: an error keeps its code, message and hint") {
  const Error error(ErrorCode::refused, "found 3 facts, expected none", "add --append");
  CHECK(error.code() == ErrorCode::refused);
  CHECK(std::string(error.what()) == "found 3 facts, expected none");
  CHECK(error.hint() == "add --append");
  CHECK(Error(ErrorCode::io, "short").hint().empty());
}

TEST_CASE("base: system errors get the exit code that fits them") {
  struct Row {
    int number;
    ErrorCode code;
    const char* words;
  };
  const Row rows[] = {
      {ENOENT, ErrorCode::input_missing, "No such file or directory"},
      {ENOTDIR, ErrorCode::input_missing, "Not a directory"},
      {EACCES, ErrorCode::permission, "Permission denied"},
      {EPERM, ErrorCode::permission, "Operation not permitted"},
      {EROFS, ErrorCode::permission, "Read-only file system"},
      {ENOSPC, ErrorCode::io, "No space left on device"},
      {EIO, ErrorCode::io, "Input/output error"},
      {EFBIG, ErrorCode::io, "File too large"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const Error error = system_error(row.number, "/data/facts.csv");
    CHECK(error.code() == row.code);
    CHECK(std::string(error.what()) == std::string("/data/facts.csv: ") + row.words);
  }
}

TEST_CASE("base: what can't be written is never told as a missing input") {
  CHECK(write_error(ENOENT, "/data/0.csv").code() == ErrorCode::io);
  CHECK(write_error(ENOTDIR, "/data/0.csv").code() == ErrorCode::io);
  CHECK(write_error(EACCES, "/data/0.csv").code() == ErrorCode::permission);
  CHECK(write_error(ENOSPC, "/data/0.csv").code() == ErrorCode::io);
  CHECK(std::string(write_error(ENOENT, "/data/0.csv").what()) ==
        "/data/0.csv: No such file or directory");
}

TEST_CASE("base: nothing is thrown before a signal has come") {
  const Cancel cancel;
  CHECK_FALSE(cancel.requested());
  CHECK_NOTHROW(cancel.check());
}

TEST_CASE("base: SIGINT and SIGTERM end an operation with their own exit codes") {
  Cancel interrupted, terminated;
  interrupted.request(SIGINT);
  terminated.request(SIGTERM);
  CHECK(interrupted.requested());
  CHECK(thrown_by([&] { interrupted.check(); }).code == ErrorCode::interrupted);
  const auto thrown = thrown_by([&] { terminated.check(); });
  CHECK(thrown.code == ErrorCode::terminated);
  CHECK(thrown.says("nothing was left half done"));
}

}  // namespace prism
