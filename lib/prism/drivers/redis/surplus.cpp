#include <prism/drivers/redis/command.hpp>
#include <prism/drivers/redis/key_set.hpp>
#include <prism/drivers/redis/pipeline.hpp>
#include <prism/drivers/redis/restore_record.hpp>
#include <prism/drivers/redis/room.hpp>
#include <prism/drivers/redis/scan.hpp>
#include <prism/drivers/redis/server_facts.hpp>
#include <prism/drivers/redis/surplus.hpp>

namespace prism::redis {
namespace {

constexpr std::uint64_t kAtOnce = 4'000'000;  ///< keys remembered
constexpr std::size_t kKeysTogether = 1000;

/// Removes keys of one database of one server.
class Remover {
 public:
  explicit Remover(Connection connection)
      : pipeline_(std::move(connection), [](const Reply&) { return false; }) {}

  void remove(std::string_view key) {
    append_command(chunk_.bytes, {"UNLINK", key});
    ++chunk_.replies;
    if (chunk_.replies >= kKeysTogether) pipeline_.send(std::exchange(chunk_, {}));
  }

  void finish() {
    pipeline_.send(std::move(chunk_));
    pipeline_.finish();
  }

 private:
  Pipeline pipeline_;
  Chunk chunk_;
};

void remove_from_database(const Endpoint& endpoint, const Login& login, Deployment& servers,
                          const KeySet& held, Log& log, const Cancel& cancel) {
  const unsigned database = login.database;
  Connection scanned = connect(endpoint, login, servers.patience(), log, cancel);
  Remover remover(connect(endpoint, login, servers.patience(), log, cancel));
  scan_keys(scanned, "*", [&](std::string_view name) {
    if (database == 0 && name == kRestoreRecord) return;
    if (held.lacks(database, name)) remover.remove(name);
  });
  remover.finish();
}

void remove_keys(Deployment& servers, const KeySet& held, Log& log, const Cancel& cancel) {
  for (std::size_t i = 0; i < servers.topology().primaries.size(); ++i) {
    for (const auto& [database, count] : keys_by_database(info_text(servers.primary(i)))) {
      const Login login = patient(servers.login().in_database(static_cast<unsigned>(database)));
      remove_from_database(servers.topology().primaries[i].endpoint, login, servers, held, log,
                           cancel);
    }
  }
}

void remove_libraries(Deployment& servers, const std::set<std::string>& held) {
  for (std::size_t i = 0; i < servers.topology().primaries.size(); ++i) {
    Connection& server = servers.primary(i);
    for (const std::string& name : libraries_of(server)) {
      if (!held.contains(name)) server.call({"FUNCTION", "DELETE", name});
    }
  }
}

}  // namespace

void remove_surplus(Deployment& servers, const RdbSurvey& survey, const ReadBackup& read_backup,
                    std::int64_t now, Log& log, const Cancel& cancel) {
  remove_libraries(servers, survey.libraries());
  const std::uint64_t parts = survey.all_keys() / kAtOnce + 1;
  for (std::uint64_t part = 0; part < parts; ++part) {
    KeySet held(part, parts, now);
    read_backup(held);
    held.sort();
    remove_keys(servers, held, log, cancel);
  }
}

}  // namespace prism::redis
