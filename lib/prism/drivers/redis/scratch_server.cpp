#include <sys/un.h>

#include <prism/base/error.hpp>
#include <prism/drivers/redis/scratch_server.hpp>

namespace prism::redis {
namespace {

namespace fs = std::filesystem;

/// As many databases as a dump can name.
constexpr const char* kDatabases = "16384";

fs::path socket_in(const fs::path& folder) {
  fs::path socket = folder / "redis.sock";
  if (socket.native().size() < sizeof(sockaddr_un::sun_path)) return socket;
  throw Error(ErrorCode::configuration, folder.string() + ": too long a path for a socket",
              "name a folder with a shorter one with --scratch-dir");
}

Command server_of(const fs::path& folder, const fs::path& rdb) {
  const fs::path data = rdb.empty() ? folder : rdb.parent_path();
  const std::string file = rdb.empty() ? "none.rdb" : rdb.filename().string();
  return {.program = "redis-server",
          .arguments = {"--port",
                        "0",
                        "--unixsocket",
                        socket_in(folder).string(),
                        "--unixsocketperm",
                        "700",
                        "--dir",
                        data.string(),
                        "--dbfilename",
                        file,
                        "--save",
                        "",
                        "--appendonly",
                        "no",
                        "--databases",
                        kDatabases,
                        "--enable-debug-command",
                        "local",
                        "--loglevel",
                        "warning"}};
}

Address address_of(const fs::path& folder) {
  return parse_address("unix://" + socket_in(folder).string());
}

}  // namespace

ScratchServer::ScratchServer(const fs::path& parent, const fs::path& rdb, Log& log,
                             const Cancel& cancel)
    : log_(log),
      cancel_(cancel),
      folder_(parent, "prismctl-redis-"),
      address_(address_of(folder_.path())),
      process_(server_of(folder_.path(), rdb), cancel) {
  try {
    connect();
  } catch (const Error& e) {
    if (e.code() != ErrorCode::unavailable) throw;
    process_.kill();
    process_.wait();
    throw Error(ErrorCode::bad_data,
                "a redis-server started for this does not answer: " + process_.errors());
  }
}

std::string ScratchServer::digest() {
  Connection connection = connect();
  return connection.call({"DEBUG", "DIGEST"})->text;
}

Connection ScratchServer::connect() {
  constexpr std::chrono::seconds kWait{60};
  const Login login(address_, config::RedisSettings{});
  return redis::connect(address_.endpoints.at(0), login, kWait, log_, cancel_);
}

}  // namespace prism::redis
