#include <array>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include <prism/base/descriptor.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/physical/scratch_postgres.hpp>
#include <prism/drivers/postgres/session.hpp>

namespace prism::postgres {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUser = "postgres";

void put(const fs::path& file, const std::string& content) {
  FileWriter writer(file);
  writer.buffer() = content;
  writer.close();
}

/// What the source's own settings may not say here: who may come in, what is written elsewhere,
/// what waits for others, whom it would ask for changes in the place of the source, and libraries
/// that need not be on this machine.
std::vector<std::string> overriding(const fs::path& place, const ClusterRecord& record) {
  std::vector<std::string> settings{"config_file=" + (place / "postgresql.conf").string(),
                                    "hba_file=" + (place / "pg_hba.conf").string(),
                                    "ident_file=" + (place / "pg_ident.conf").string(),
                                    "unix_socket_directories=" + place.string(),
                                    "listen_addresses=",
                                    "port=5432",
                                    "ssl=off",
                                    "archive_mode=off",
                                    "restore_command=false",
                                    "primary_conninfo=",
                                    "max_logical_replication_workers=0",
                                    "synchronous_standby_names=",
                                    "shared_preload_libraries=",
                                    "session_preload_libraries=",
                                    "local_preload_libraries=",
                                    "logging_collector=off",
                                    "log_destination=stderr",
                                    "shared_buffers=64MB",
                                    "huge_pages=off",
                                    "autovacuum=off",
                                    "event_triggers=off",
                                    "fsync=off"};
  std::erase_if(settings, [&](const std::string& one) {
    return one.starts_with("event_triggers") && record.major() < 17;
  });
  for (const auto& [name, value] : record.least) settings.push_back(name + "=" + value);
  return settings;
}

Command server_of(const Tool& program, const fs::path& data, const fs::path& place,
                  const ClusterRecord& record) {
  Command command{.program = program.program, .arguments = {"-D", data.string()}};
  for (const std::string& setting : overriding(place, record)) {
    command.arguments.insert(command.arguments.end(), {"-c", setting});
  }
  if (::geteuid() != 0) return command;
  const std::string user(kUser);
  command.arguments.insert(command.arguments.begin(), {"--reuid=" + user, "--regid=" + user,
                                                       "--init-groups", command.program});
  command.program = "setpriv";
  return command;
}

Command begun(const Tool& program, const fs::path& data, const fs::path& place,
              const ClusterRecord& record) {
  put(place / "postgresql.conf", "");
  put(place / "pg_hba.conf", "local all all trust\n");
  put(place / "pg_ident.conf", "");
  return server_of(program, data, place, record);
}

std::string read_all(ChildProcess& process) {
  std::string words;
  std::array<char, 4096> block{};
  while (const std::size_t size = process.read(block)) {
    if (words.size() < std::size_t{64} << 10) words.append(block.data(), size);
  }
  return words;
}

}  // namespace

ScratchPostgres::ScratchPostgres(const Tool& program, const fs::path& data, const fs::path& place,
                                 const ClusterRecord& record, const Cancel& cancel)
    : place_(place),
      user_(record.superuser),
      cancel_(cancel),
      process_(begun(program, data, place, record), cancel) {
  constexpr std::chrono::milliseconds kAsked{50};
  while (!is_ready()) {
    cancel.check();
    if (process_.ends_within(kAsked)) {
      process_.wait();
      throw Error(ErrorCode::bad_data, "a server started on the restored folder ended: " +
                                           std::string(trimmed(process_.errors())));
    }
  }
}

ScratchPostgres::~ScratchPostgres() { process_.kill(); }

bool ScratchPostgres::is_ready() const {
  const Address address{
      fmt::format("host='{}' port=5432 user='{}' dbname=template1 connect_timeout=5",
                  place_.string(), user_),
      place_.string(),
      {}};
  try {
    Session session(address, std::chrono::seconds(10), cancel_);
    return !session.is_true("SELECT pg_is_in_recovery()");
  } catch (const Failure& failure) {
    if (failure.retryable()) return false;
    throw;
  }
}

std::string ScratchPostgres::check(const Tool& amcheck) const {
  ChildProcess process(
      {.program = amcheck.program,
       .arguments = {"--all", "--install-missing", "--host=" + place_.string(), "--port=5432",
                     "--username=" + user_, "--no-password", "--jobs=2"}},
      cancel_);
  process.close_input();
  const std::string words = read_all(process);
  const int code = process.wait();
  if (code == 0) return {};
  const std::string said = words + process.errors();
  return said.empty() ? fmt::format("pg_amcheck ended with {}", code)
                      : std::string(trimmed(said)).substr(0, 1000);
}

}  // namespace prism::postgres
