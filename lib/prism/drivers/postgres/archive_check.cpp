#include <vector>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/read_all.hpp>
#include <prism/drivers/postgres/archive_check.hpp>
#include <prism/drivers/postgres/archive_text.hpp>
#include <prism/drivers/postgres/artifacts.hpp>
#include <prism/drivers/postgres/tool_run.hpp>

namespace prism::postgres {
namespace {

/// Of what is kept in memory: thousands of roles and tables.
constexpr std::size_t kMost = std::size_t{64} << 20;

std::string whole(backup::ArtifactReader& artifacts, const char* name) {
  return read_all(*artifacts.open(name), kMost, name);
}

void require_same(const backup::Counts& found, const backup::Counts& expected) {
  if (found == expected) return;
  for (const auto& [name, count] : expected) {
    const auto other = found.find(name);
    const std::uint64_t has = other == found.end() ? 0 : other->second;
    if (has == count) continue;
    throw Error(ErrorCode::bad_data,
                fmt::format("the archive has {} rows of {}, expected {}", has, name, count));
  }
  throw Error(ErrorCode::bad_data, "the archive has other tables than database.json says");
}

void require_whole_globals(backup::ArtifactReader& artifacts) {
  if (whole(artifacts, kGlobals).ends_with(kGlobalsEnd)) return;
  throw Error(ErrorCode::bad_data, std::string(kGlobals) + ": cut short");
}

}  // namespace

void read_rest(ByteSource& source) {
  std::vector<char> block(std::size_t{256} * 1024);
  while (source.read(block) > 0) {
  }
}

DatabaseRecord read_record(backup::ArtifactReader& artifacts) {
  return parse_record(whole(artifacts, kRecord));
}

void read_rows(backup::ArtifactReader& artifacts, const Tool& pg_restore, const Cancel& cancel,
               const TakeBytes& take) {
  const auto source = artifacts.open(kDump);
  ChildProcess restore({.program = pg_restore.program,
                        .arguments = {"--section=data", "--file=-"},
                        .environment = {{"LC_ALL", "C"}}},
                       cancel);
  try {
    pipe_through(restore, *source, take);
  } catch (const Error& e) {
    cancel.check();
    if (e.code() != ErrorCode::critical) throw;
    throw Error(ErrorCode::bad_data, e.what());
  }
  read_rest(*source);
}

Tool pg_restore_of(const DatabaseRecord& record, const std::filesystem::path& bin_dir,
                   const Cancel& cancel) {
  return find_tool("pg_restore", needed_by_archive(record.pg_dump), bin_dir, cancel);
}

backup::Content check_artifacts(backup::ArtifactReader& artifacts,
                                const std::filesystem::path& bin_dir, const Cancel& cancel) {
  const DatabaseRecord record = read_record(artifacts);
  if (record.globals) require_whole_globals(artifacts);
  ArchiveCounter counter;
  read_rows(artifacts, pg_restore_of(record, bin_dir, cancel), cancel,
            [&](std::string_view text) { counter.add(text); });
  require_same(counter.finish(), record.counts);
  return {record.server_version, record.counts, {}};
}

}  // namespace prism::postgres
