#include <algorithm>
#include <future>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/drivers/postgres/archive_check.hpp>
#include <prism/drivers/postgres/archive_head.hpp>
#include <prism/drivers/postgres/artifacts.hpp>
#include <prism/drivers/postgres/identifier.hpp>
#include <prism/drivers/postgres/load_archive.hpp>
#include <prism/drivers/postgres/parallel_load.hpp>
#include <prism/drivers/postgres/preflight.hpp>
#include <prism/drivers/postgres/restore.hpp>
#include <prism/drivers/postgres/row_counts.hpp>
#include <prism/drivers/postgres/scratch_database.hpp>
#include <prism/drivers/postgres/swap.hpp>

namespace prism::postgres {
namespace {

namespace fs = std::filesystem;

/// Even one by one two indexes at a time are made: the server has more to do than to wait for us.
constexpr std::size_t kLeastIndexJobs = 2;

fs::path scratch_of(const ComponentOptions& options) {
  return options.scratch_folder.empty() ? fs::temp_directory_path() : options.scratch_folder;
}

/// What differs, for people; nothing where all is as expected.
std::string difference(const backup::Counts& found, const backup::Counts& expected) {
  for (const auto& [name, count] : expected) {
    const auto other = found.find(name);
    const std::uint64_t has = other == found.end() ? 0 : other->second;
    if (has != count) return fmt::format("{}: {}, expected {}", name, has, count);
  }
  return {};
}

/// Null, too, for one that lets nobody in, or whose password is known already: it is replaced
/// without a look into it.
std::unique_ptr<Session> open_target(Server& server, bool in_place) {
  if (!in_place && server.has_looked()) return nullptr;
  try {
    return server.open_target();
  } catch (const Failure& failure) {
    if (failure.sqlstate() != kClosed && failure.sqlstate() != "42501") throw;
    return nullptr;
  }
}

class Restorer {
 public:
  Restorer(Server& server, backup::ArtifactReader& artifacts, const ComponentOptions& options,
           Log& log, const Cancel& cancel)
      : server_(server),
        artifacts_(artifacts),
        options_(options),
        log_(log),
        cancel_(cancel),
        record_(read_record(artifacts)),
        scratch_(scratch_of(options), "prismctl-postgres-"),
        // What the password file says of the target is good for its neighbours too.
        target_(open_target(server, options.in_place)) {}

  /// Throws what would end `run` before it touches anything.
  void require_restorable() {
    if (options_.in_place) {
      tool_for_place();
    } else {
      target_.reset();
      tool_for_new(*server_.open_maintenance());
    }
  }

  backup::Content run() {
    if (options_.in_place) {
      restore_in_place();
    } else {
      target_.reset();
      replace();
    }
    return {record_.server_version, record_.counts, {}};
  }

 private:
  Tool tool_for_place() const;
  Tool tool_for_new(Session& maintenance) const;
  void restore_in_place();
  void replace();
  void load_side_by_side(const std::string& database, const Tool& tool);
  void fill(const std::string& database, const fs::path& head, const Tool& tool);
  void check(const std::string& database);
  void apply(Session& maintenance, const std::vector<std::string>& entries);
  void swap_in(Session& maintenance, ScratchDatabase& scratch);

  Tool pg_restore(const Session& session) const {
    const Needed archive = needed_by_archive(record_.pg_dump);
    const Needed server = needed_by_server(session.version() / 10000, session.version_text());
    return find_tool("pg_restore", archive.major > server.major ? archive : server,
                     options_.settings.bin_dir, cancel_);
  }
  ArchiveLoader loader(const Tool& tool, const std::string& database) const;
  std::vector<DumpedTable> restored_tables();
  fs::path list_for(Session& session, const Tool& tool, const fs::path& head) const;

  Server& server_;
  backup::ArtifactReader& artifacts_;
  const ComponentOptions& options_;
  Log& log_;
  const Cancel& cancel_;
  const DatabaseRecord record_;
  TemporaryFolder scratch_;
  std::unique_ptr<Session> target_;
};

ArchiveLoader Restorer::loader(const Tool& tool, const std::string& database) const {
  std::vector<std::string> arguments;
  if (options_.no_owner) arguments.emplace_back("--no-owner");
  if (options_.no_acl) arguments.emplace_back("--no-privileges");
  return {tool, tool_address(server_.address_of(database)), std::move(arguments), cancel_};
}

// ---- a new database -----------------------------------------------------------------------------

/// Nothing is in the way of a new database.
Tool Restorer::tool_for_new(Session& maintenance) const {
  require_rights(maintenance, server_.database());
  require_what_is_named(maintenance, record_, options_);
  if (!options_.force) {
    require_no_holds(find_holds(maintenance, server_.database()), server_.database());
  }
  return pg_restore(maintenance);
}

void Restorer::replace() {
  const auto maintenance = server_.open_maintenance();
  const Tool tool = tool_for_new(*maintenance);
  const ScratchNames names = make_names(server_.database());
  const fs::path head = scratch_.path() / "head";
  const auto entries =
      read_head(*artifacts_.open(kDump), tool, {options_.no_owner, options_.no_acl}, names.restored,
                head, cancel_);
  remove_leftovers(*maintenance, server_.database(), log_);
  ScratchDatabase scratch(server_, names, record_, log_);
  cancel_.check();
  maintenance->query("ALTER DATABASE " + quoted_name(names.restored) +
                     " SET synchronous_commit = off");  // the swap waits for all of it
  fill(names.restored, head, tool);
  check(names.restored);
  maintenance->query("ALTER DATABASE " + quoted_name(names.restored) + " RESET ALL");
  apply(*maintenance, entries);
  swap_in(*maintenance, scratch);
}

void Restorer::fill(const std::string& database, const fs::path& head, const Tool& tool) {
  ArchiveLoader archive = loader(tool, database);
  if (options_.jobs > 1) {
    archive.begin(head);
    load_side_by_side(database, tool);
  } else {
    archive.load(artifacts_, {"--section=pre-data", "--section=data"});
  }
  archive.finish(head, std::max(options_.jobs, kLeastIndexJobs));
}

void Restorer::load_side_by_side(const std::string& database, const Tool& tool) {
  const Address address = server_.address_of(database);
  const auto limit = options_.settings.connection_timeout;
  ParallelLoad load(
      [&](const Cancel& cancel) {
        return std::make_unique<BulkConnection>(address, limit, cancel);
      },
      options_.jobs, cancel_);
  read_rows(artifacts_, tool, cancel_, [&](std::string_view text) { load.add(text); });
  load.finish();
}

/// The rows are counted on one connection while another looks at them for the planner.

void Restorer::check(const std::string& database) {
  const auto session = server_.open(database);
  auto analyzed = std::async(std::launch::async, [&] { server_.open(database)->query("ANALYZE"); });
  session->query("SELECT set_config('client_encoding', $1, false)", {record_.encoding});
  const std::string differs =
      difference(count_rows(*session, dumped_tables(*session)), record_.counts);
  analyzed.get();
  if (!differs.empty()) {
    throw Error(ErrorCode::critical, "the restored database is not whole: " + differs,
                "the old one is untouched");
  }
}

void Restorer::apply(Session& maintenance, const std::vector<std::string>& entries) {
  maintenance.query("BEGIN");
  maintenance.query("SELECT set_config('client_encoding', $1, true)", {record_.encoding});
  for (const std::string& entry : entries) maintenance.query(entry);
  maintenance.query("COMMIT");
}

void Restorer::swap_in(Session& maintenance, ScratchDatabase& scratch) {
  const Holds holds = find_holds(maintenance, server_.database());
  if (!options_.force) require_no_holds(holds, server_.database());
  if (!holds.empty()) release(holds, server_, cancel_, log_);
  cancel_.check();
  const bool replaced = swap_databases(server_, scratch.names(), cancel_);
  scratch.keep();
  if (!replaced) return;
  try {
    drop_database(*server_.open_uninterrupted(), scratch.names().replaced);
  } catch (const Failure& failure) {
    log_.warning("the old database is left as " + scratch.names().replaced + ": " + failure.what());
  }
}

// ---- in place -----------------------------------------------------------------------------------

Tool Restorer::tool_for_place() const {
  if (!target_) {
    throw Error(ErrorCode::input_missing, server_.location() + ": there is no such database",
                "without --in-place a restore makes it");
  }
  require_what_is_named(*target_, record_, options_);
  return pg_restore(*target_);
}

void Restorer::restore_in_place() {
  const Tool tool = tool_for_place();
  const fs::path head = scratch_.path() / "head";
  read_head(*artifacts_.open(kDump), tool, {}, server_.database(), head, cancel_);
  const fs::path list = list_for(*target_, tool, head);
  loader(tool, server_.database())
      .load(artifacts_,
            {"--clean", "--if-exists", "--single-transaction", "--use-list=" + list.string()});
  target_->query("SELECT set_config('client_encoding', $1, false)", {record_.encoding});
  const std::string differs = difference(count_rows(*target_, restored_tables()), record_.counts);
  // Others may have been waiting to write.
  if (!differs.empty()) log_.warning("after the restore in place " + differs);
  target_->query("ANALYZE");
}

/// Newer ones need not be ours to read.
std::vector<DumpedTable> Restorer::restored_tables() {
  std::vector<DumpedTable> tables = dumped_tables(*target_);
  std::erase_if(tables, [&](const DumpedTable& table) {
    return !record_.counts.contains(table_key(table.schema, table.name));
  });
  return tables;
}

/// An extension that is there stays: what else uses it would be in the way, and only its owner may
/// make it anew.
fs::path Restorer::list_for(Session& session, const Tool& tool, const fs::path& head) const {
  const std::string list =
      output_of({.program = tool.program, .arguments = {"--list", head.string()}}, cancel_);
  std::vector<std::string> present;
  for (const auto& row : session.query("SELECT extname FROM pg_extension")) {
    present.push_back(row[0].value());
  }
  const fs::path file = scratch_.path() / "list";
  FileWriter writer(file);
  writer.buffer() += without_extensions(list, present);
  writer.close();
  return file;
}

}  // namespace

void require_restorable(Server& server, backup::ArtifactReader& artifacts,
                        const ComponentOptions& options, Log& log, const Cancel& cancel) {
  Restorer(server, artifacts, options, log, cancel).require_restorable();
}

backup::Content restore_database(Server& server, backup::ArtifactReader& artifacts,
                                 const ComponentOptions& options, Log& log, const Cancel& cancel) {
  return Restorer(server, artifacts, options, log, cancel).run();
}

}  // namespace prism::postgres
