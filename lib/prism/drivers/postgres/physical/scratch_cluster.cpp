#include <algorithm>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/drivers/postgres/physical/cluster_component.hpp>
#include <prism/drivers/postgres/physical/cluster_copy.hpp>
#include <prism/drivers/postgres/physical/scratch_postgres.hpp>

namespace prism::postgres {
namespace {

namespace fs = std::filesystem;

/// A server runs on files of its own version alone.
Tool server_program(int major, const fs::path& folder, const Cancel& cancel) {
  const std::string package = fmt::format("postgresql-{}", major);
  for (const Tool& tool : find_tools("postgres", folder, cancel)) {
    if (tool.major == major) return tool;
  }
  throw Error(ErrorCode::configuration,
              fmt::format("there is no server of PostgreSQL {} on this machine", major),
              "install " + package + ", or name the folder of its programs with --pg-bin");
}

/// Unlike a dump's program, it asks a newer server too (from 14 on, as its manual has it): one of
/// the server's version or above, else the newest. A folder of programs need not have it.
Tool amcheck_program(const ClusterRecord& record, const fs::path& folder, const Cancel& cancel) {
  const std::string name = "pg_amcheck";
  const bool in_folder = !folder.empty() && fs::exists(folder / name);
  const std::vector<Tool> tools = find_tools(name, in_folder ? folder : fs::path(), cancel);
  int least = tools.empty() ? record.major() : 0;
  for (const Tool& tool : tools) least = std::max(least, std::min(tool.major, record.major()));
  return choose_tool(name, tools, needed_by_server(least, record.version));
}

/// A folder of root's above it may keep the server's user away.
void require_reachable(const fs::path& folder, const Cancel& cancel) {
  ChildProcess test({.program = "setpriv",
                     .arguments = {"--reuid=postgres", "--regid=postgres", "--init-groups", "test",
                                   "-w", folder.string()}},
                    cancel);
  test.close_input();
  if (test.wait() == 0) return;
  throw Error(ErrorCode::configuration,
              folder.string() + ": the user postgres, who would run a server there, can't reach it",
              "name another folder with --scratch-dir");
}

/// PostgreSQL refuses to be root.
void give_to_server(const fs::path& folder, const Cancel& cancel) {
  if (::geteuid() != 0) return;
  const passwd* const user = ::getpwnam("postgres");
  if (user == nullptr) {
    throw Error(ErrorCode::configuration, "there is no user postgres whom a server could be run by",
                "run the test as a user who is not root");
  }
  if (::chown(folder.c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw write_error(errno, folder.string());
  }
  require_reachable(folder, cancel);
}

fs::path parent_of(const ClusterOptions& options) {
  const fs::path& folder = options.server.scratch_folder;
  return folder.empty() ? fs::temp_directory_path() : folder;
}

/// How many files of the copy are there in their whole length, and their bytes.
backup::Counts count(const ClusterCopy& copy, const fs::path& data) {
  std::uint64_t files = 0, bytes = 0;
  for (const StoredFile& file : copy.files) {
    std::error_code ignored;
    if (file.entry.kind != EntryKind::file) continue;
    // What tells the server what it is to do is another one here.
    const bool replaced = file.entry.path == "postgresql.auto.conf" ||
                          file.entry.path.ends_with(".signal") ||
                          file.entry.path == "tablespace_map";
    const std::uint64_t size =
        replaced ? file.entry.size : fs::file_size(data / file.entry.path, ignored);
    if (size != file.entry.size) continue;
    ++files;
    bytes += size;
  }
  return {{"files", files}, {"bytes", bytes}};
}

class ScratchCluster : public backup::ScratchTarget {
 public:
  ScratchCluster(ClusterOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)),
        cancel_(cancel),
        folder_(parent_of(options_), "prismctl-pg-") {
    give_to_server(folder_.path(), cancel);
    options_.server.url.clear();
    options_.folder = folder_.path() / "data";
    options_.tablespaces = folder_.path() / "tablespaces";
    component_ = open_cluster(options_, log, cancel);
  }

  std::string location() const override {
    return "a server started on " + options_.folder.string();
  }
  backup::Component& component() override { return *component_; }

  backup::Found examine(backup::ArtifactReader& artifacts) override {
    const ClusterCopy copy = read_cluster_copy(artifacts);
    const fs::path& programs = options_.server.settings.bin_dir;
    const Tool program = server_program(copy.record.major(), programs, cancel_);
    const Tool amcheck = amcheck_program(copy.record, programs, cancel_);
    backup::Found found{count(copy, options_.folder), {}};
    const ScratchPostgres server(program, options_.folder, folder_.path(), copy.record, cancel_);
    const std::string words = server.check(amcheck);
    found.checks.push_back(
        {"pg_amcheck of all databases", "no corruption", words.empty() ? "no corruption" : words});
    return found;
  }

 private:
  ClusterOptions options_;
  const Cancel& cancel_;
  TemporaryFolder folder_;
  std::unique_ptr<backup::Component> component_;
};

}  // namespace

std::unique_ptr<backup::ScratchTarget> make_scratch_cluster(ClusterOptions options, Log& log,
                                                            const Cancel& cancel) {
  return std::make_unique<ScratchCluster>(std::move(options), log, cancel);
}

}  // namespace prism::postgres
