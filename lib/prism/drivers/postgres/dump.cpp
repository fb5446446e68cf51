#include <atomic>
#include <exception>
#include <filesystem>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/postgres/artifacts.hpp>
#include <prism/drivers/postgres/database_record.hpp>
#include <prism/drivers/postgres/dump.hpp>
#include <prism/drivers/postgres/identifier.hpp>
#include <prism/drivers/postgres/row_counts.hpp>
#include <prism/drivers/postgres/tool_run.hpp>

namespace prism::postgres {
namespace {

constexpr const char* kBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Work beside that of the caller, which ends it when it gives up.
class Beside {
 public:
  Beside(Session& session, std::function<void()> work)
      : session_(session), work_(std::move(work)), thread_([this] { run(); }) {}

  ~Beside() {
    if (!thread_.joinable()) return;
    session_.interrupt();
    thread_.join();
  }

  bool failed() const { return failed_; }

  void finish() {
    thread_.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void run() noexcept {
    try {
      work_();
    } catch (...) {
      failure_ = std::current_exception();
      failed_ = true;
    }
  }

  Session& session_;
  std::function<void()> work_;
  std::exception_ptr failure_;
  std::atomic<bool> failed_{false};
  std::thread thread_;
};

class Dumper {
 public:
  Dumper(const Server& server, std::unique_ptr<Session> session,
         const std::filesystem::path& bin_dir, const Cancel& cancel)
      : session_(std::move(session)),
        cancel_(cancel),
        tool_(find_tool("pg_dump",
                        needed_by_server(session_->version() / 10000, session_->version_text()),
                        bin_dir, cancel)),
        address_(tool_address(server.address_of(session_->database()))) {}

  backup::Content run(backup::ArtifactWriter& artifacts) {
    begin();
    write_dump(*artifacts.create(kDump));
    if (record_.globals) write(artifacts, kGlobals, globals_);
    write(artifacts, kRecord, to_json_text(record_));
    return {record_.server_version, record_.counts, remarks_};
  }

 private:
  void begin() {
    session_->query(kBegin);
    record_ = read_record(*session_);
    record_.pg_dump = tool_.version;
    // The archive holds names in the encoding of the database: they are counted by the same.
    session_->query("SELECT set_config('client_encoding', $1, false)", {record_.encoding});
    snapshot_ = session_->text("SELECT pg_export_snapshot()");
  }

  /// Once pg_dump writes something it has locked all tables, and none can go any more.
  void write_dump(ByteSink& sink) {
    ChildProcess tool(dumping(), cancel_);
    std::vector<char> block(std::size_t{256} * 1024);
    std::size_t size = tool.read(block);
    if (size == 0) fail_empty(tool);
    Beside beside(*session_, [this] { look_around(); });
    for (; size > 0 && !beside.failed(); size = tool.read(block)) {
      sink.write({block.data(), size});
      record_.dump_bytes += size;
    }
    if (!beside.failed()) finish(tool);
    beside.finish();
    sink.finish();
  }

  [[noreturn]] static void fail_empty(ChildProcess& tool) {
    finish(tool);
    throw Error(ErrorCode::io, "pg_dump wrote nothing");
  }

  Command dumping() const {
    return command_of(tool_, address_,
                      {"--format=custom", "--compress=0", "--encoding=" + record_.encoding,
                       "--snapshot=" + snapshot_});
  }

  void look_around() {
    record_.counts = count_rows(*session_, dumped_tables(*session_));
    const bool superuser =
        session_->is_true("SELECT rolsuper FROM pg_roles WHERE rolname = current_user");
    read_globals(superuser);
  }

  /// Beside pg_dump lies pg_dumpall, which needs it there, of the same version. What it may not
  /// read is no reason to have no backup.
  void read_globals(bool with_passwords) {
    Tool all = tool_;
    all.program = std::filesystem::path(tool_.program).replace_filename("pg_dumpall");
    std::vector<std::string> arguments{"--globals-only", "--database=" + record_.database};
    if (!with_passwords) arguments.emplace_back("--no-role-passwords");
    try {
      globals_ = output_of(command_of(all, address_, arguments), cancel_);
      record_.globals = true;
    } catch (const Error& e) {
      if (e.code() != ErrorCode::permission) throw;
      remarks_.push_back(std::string("no roles and tablespaces of the server: ") + e.what());
    }
    if (record_.globals && !globals_.ends_with(kGlobalsEnd)) {
      throw Error(ErrorCode::io, "pg_dumpall did not write all");
    }
  }

  static void write(backup::ArtifactWriter& artifacts, const char* name,
                    const std::string& content) {
    const auto sink = artifacts.create(name);
    sink->write(content);
    sink->finish();
  }

  std::unique_ptr<Session> session_;
  const Cancel& cancel_;
  Tool tool_;
  ToolAddress address_;
  DatabaseRecord record_;
  std::string snapshot_;
  std::string globals_;
  std::vector<std::string> remarks_;
};

}  // namespace

backup::Content dump_database(Server& server, const std::filesystem::path& bin_dir,
                              backup::ArtifactWriter& artifacts, const Cancel& cancel) {
  auto session = server.open_target();
  if (session) return Dumper(server, std::move(session), bin_dir, cancel).run(artifacts);
  throw Error(ErrorCode::input_missing, server.location() + ": there is no such database");
}

}  // namespace prism::postgres
