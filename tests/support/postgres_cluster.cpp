#include "support/postgres_cluster.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <random>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <pqxx/pqxx>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/running.hpp"
#include "support/services.hpp"
#include "support/temporary.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUser = "postgres";  ///< PostgreSQL refuses to be root

fs::path newest_programs() {
  std::vector<std::pair<int, fs::path>> found;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql")) {
    found.emplace_back(std::stoi(version.path().filename()), version.path() / "bin");
  }
  if (found.empty()) throw std::runtime_error("PostgreSQL is not installed");
  return std::max_element(found.begin(), found.end())->second;
}

std::string random_word() { return fmt::format("{:08x}", std::random_device()()); }

bool is_free(int port) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

/// Below those that the kernel gives to clients, so that a restarted server finds it free again.
int free_port() {
  std::random_device random;
  for (;;) {
    const int port = 10000 + static_cast<int>(random() % 22000);
    if (is_free(port)) return port;
  }
}

std::vector<pid_t> children_of(pid_t id) {
  std::ifstream list(fmt::format("/proc/{0}/task/{0}/children", id));
  return {std::istream_iterator<pid_t>(list), {}};
}

void add_lines(const fs::path& file, const std::vector<std::string>& lines) {
  std::ofstream out(file, std::ios::app);
  out << '\n';
  for (const std::string& line : lines) out << line << '\n';
}

void require_done(const std::string& program, const Ended& ended) {
  if (ended.code != 0) throw std::runtime_error(program + ": " + ended.out + ended.err);
}

}  // namespace

ServerFolder::ServerFolder() : folder_(fs::temp_directory_path(), "prism-test-") {
  give(folder_.path());
}

fs::path ServerFolder::make(const std::string& name) const {
  const fs::path path = folder_.path() / name;
  fs::create_directories(path);
  fs::permissions(path, fs::perms::owner_all);
  give(path);
  return path;
}

fs::path ServerFolder::write(const std::string& name, const std::string& content) const {
  const fs::path path = folder_.path() / name;
  std::ofstream(path) << content;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  give(path);
  return path;
}

void ServerFolder::give(const fs::path& path) {
  if (::geteuid() != 0) return;
  const passwd* const user = ::getpwnam(kUser);
  if (user == nullptr) throw std::runtime_error("there is no user postgres");
  const auto give_one = [&](const fs::path& one) {
    if (::lchown(one.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::system_error(errno, std::system_category(), one.string());
    }
  };
  give_one(path);
  if (!fs::is_directory(fs::symlink_status(path))) return;
  for (const auto& entry : fs::recursive_directory_iterator(path)) give_one(entry.path());
}

fs::path postgres_17_programs() {
  const auto programs = service("PRISM_TEST_POSTGRES_17_PROGRAMS");
  if (!programs) throw std::runtime_error("there is no PRISM_TEST_POSTGRES_17_PROGRAMS");
  return *programs;
}

PostgresCluster::PostgresCluster(ClusterSettings settings) : settings_(std::move(settings)) {
  if (settings_.programs.empty()) settings_.programs = newest_programs();
  data_ = settings_.data.value_or(home_ / "data");
  if (!settings_.data) initialize();
  add_lines(data_ / "postgresql.conf", settings_.lines);
  ServerFolder::give(data_);
  start();
}

void PostgresCluster::initialize() {
  settings_.password = random_word();
  const fs::path password = home_ / "password";
  std::ofstream(password) << settings_.password << '\n';
  ServerFolder::give(password);
  std::vector<std::string> arguments{"--pgdata=" + data_.string(),
                                     "--username=prism",
                                     "--pwfile=" + password.string(),
                                     "--auth=scram-sha-256",
                                     "--encoding=UTF8",
                                     "--locale=C.UTF-8",
                                     "--no-sync",
                                     "--no-instructions"};
  arguments.insert(arguments.end(), settings_.initdb.begin(), settings_.initdb.end());
  require_done("initdb", run("initdb", arguments));
  add_lines(data_ / "postgresql.conf", {"fsync = off", "max_wal_senders = 10"});
}

std::unique_ptr<PostgresCluster> PostgresCluster::make_standby(
    const std::vector<std::string>& lines) const {
  // Its folder lies in ours: it is to end before this.
  const fs::path copy = home_ / ("standby-" + random_word());
  require_done("pg_basebackup",
               run("pg_basebackup",
                   {"--host=127.0.0.1", fmt::format("--port={}", port_), "--username=prism",
                    "--pgdata=" + copy.string(), "--checkpoint=fast", "--write-recovery-conf"}));
  return std::make_unique<PostgresCluster>(
      ClusterSettings{settings_.programs, lines, {}, copy, settings_.password});
}

Launch PostgresCluster::launch(const std::string& program,
                               const std::vector<std::string>& arguments) const {
  Launch launch;
  launch.program = "/usr/bin/setpriv";
  launch.arguments = {"--pdeathsig=KILL"};
  launch.environment = {{"PATH", "/usr/bin:/bin"}, {"PGPASSWORD", settings_.password}};
  launch.folder = home_.path();
  if (::geteuid() == 0) {
    const std::string user(kUser);
    launch.arguments.insert(launch.arguments.end(),
                            {"--reuid=" + user, "--regid=" + user, "--clear-groups"});
  }
  launch.arguments.push_back(settings_.programs / program);
  launch.arguments.insert(launch.arguments.end(), arguments.begin(), arguments.end());
  return launch;
}

Ended PostgresCluster::run(const std::string& program,
                           const std::vector<std::string>& arguments) const {
  return test::run(launch(program, arguments));
}

void PostgresCluster::start(const std::vector<std::string>& arguments) {
  constexpr int kTries = 3;
  for (int tried = 0; tried < kTries; ++tried) {
    if (port_ == 0) port_ = free_port();
    if (starts(arguments)) return;
    server_.reset();
    if (log().find("ddress already in use") == std::string::npos) break;
    port_ = 0;
  }
  throw std::runtime_error("PostgreSQL does not start: " + log());
}

bool PostgresCluster::starts(const std::vector<std::string>& arguments) {
  const FileDescriptor log(
      ::open((home_ / "log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_TRUNC, S_IRUSR | S_IWUSR));
  Launch server = launch("postgres", {"-D", data_.string(), "-c", "listen_addresses=127.0.0.1",
                                      "-c", fmt::format("port={}", port_), "-c",
                                      "unix_socket_directories=" + home_.path().string()});
  server.arguments.insert(server.arguments.end(), arguments.begin(), arguments.end());
  server.output = server.errors = log.get();
  server_.emplace(server);
  bool answers = false;
  const bool ready = comes_true([&] {
    try {
      pqxx::connection connection(url());
      answers = true;
    } catch (const std::exception&) {
    }
    return answers || server_->ends_within({});
  });
  return ready && answers;
}

void PostgresCluster::stop() {
  if (!server_) return;
  server_->send(SIGINT);
  server_->wait();
  server_.reset();
}

void PostgresCluster::kill() {
  if (!server_) return;
  const std::vector<pid_t> children = children_of(server_->id());
  server_->send(SIGKILL);
  for (const pid_t child : children) ::kill(child, SIGKILL);
  server_->wait();
  server_.reset();
  comes_true([&] { return std::none_of(children.begin(), children.end(), is_running); });
  // The number of a dead server may be another program's by now.
  fs::remove(data_ / "postmaster.pid");
}

void PostgresCluster::restart() {
  stop();
  start();
}

void PostgresCluster::promote() const {
  if (text("SELECT pg_promote()") != "t") throw std::runtime_error("no promotion: " + log());
}

std::string PostgresCluster::url(const std::string& database) const {
  return fmt::format("postgresql://prism:{}@127.0.0.1:{}/{}", settings_.password, port_, database);
}

void PostgresCluster::execute(const std::string& sql, const std::string& database) const {
  pqxx::connection connection(url(database));
  pqxx::nontransaction(connection).exec(sql);
}

std::string PostgresCluster::text(const std::string& sql, const std::string& database) const {
  pqxx::connection connection(url(database));
  return pqxx::nontransaction(connection).exec(sql).at(0).at(0).c_str();
}

int PostgresCluster::timeline() const {
  return std::stoi(text("SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)"), nullptr, 16);
}

std::string PostgresCluster::log() const {
  constexpr std::size_t kShown = 4000;
  const std::string all = content_of(home_ / "log");
  return all.size() <= kShown ? all : all.substr(all.size() - kShown);
}

}  // namespace prism::test
