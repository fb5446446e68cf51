#include <prism/drivers/postgres/server.hpp>
#include <prism/drivers/postgres/tool_address.hpp>

namespace prism::postgres {
namespace {

constexpr const char* kNoDatabase = "3D000";

Options options_of(const ComponentOptions& options) {
  return {options.url, Access::read, std::chrono::seconds(0), options.wait, options.settings};
}

}  // namespace

Server::Server(const ComponentOptions& options, Log& log, const Cancel& cancel)
    : options_(options),
      address_(read_address(options_of(options))),
      database_(database_of(address_)),
      log_(log),
      cancel_(cancel) {}

std::unique_ptr<Session> Server::connect_to(const Address& address) {
  std::unique_ptr<Session> session;
  retry(options_.wait, log_, cancel_, [&] {
    session = std::make_unique<Session>(address, options_.settings.connection_timeout, cancel_);
  });
  return session;
}

std::unique_ptr<Session> Server::open_target() {
  try {
    auto session = connect_to(address_);
    // A service file may have named another one.
    database_ = session->database();
    password_ = session->password();
    has_looked_ = true;
    return session;
  } catch (const Failure& failure) {
    if (failure.sqlstate() != kNoDatabase) throw;
    has_looked_ = true;
    return nullptr;
  }
}

std::unique_ptr<Session> Server::open_maintenance() {
  if (!maintenance_.empty()) return open(maintenance_);
  for (const char* const name : {"postgres", "template1"}) {
    if (name == database_) continue;
    try {
      auto session = open(name);
      maintenance_ = name;
      return session;
    } catch (const Failure& failure) {
      if (failure.sqlstate() != kNoDatabase && failure.sqlstate() != "42501") throw;
    }
  }
  throw Error(ErrorCode::permission,
              location() + ": neither the database postgres nor template1 lets this user in",
              "grant CONNECT on one of them, or restore with --in-place");
}

std::unique_ptr<Session> Server::open(const std::string& database) {
  return connect_to(address_of(database));
}

std::unique_ptr<Session> Server::open_uninterrupted() const {
  return std::make_unique<Session>(address_of(maintenance_), options_.settings.connection_timeout,
                                   never_);
}

Address Server::address_of(const std::string& database) const {
  return in_database(address_, database, password_);
}

}  // namespace prism::postgres
