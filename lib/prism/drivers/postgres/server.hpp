#pragma once

#include <memory>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/drivers/postgres/component.hpp>
#include <prism/drivers/postgres/session.hpp>

namespace prism::postgres {

/// The SQLSTATE of a database that accepts no connections.
constexpr const char* kClosed = "55000";

/// Where the database of a target lies, and the ways to it and to its neighbours. The first that is
/// opened waits as long as `--wait` says. Several threads may open sessions once the first one is.
class Server {
 public:
  /// Throws Error(configuration) for a URL that libpq doesn't understand.
  Server(const ComponentOptions& options, Log& log, const Cancel& cancel);

  /// To the target. Null when there is no such database. Throws Failure.
  std::unique_ptr<Session> open_target();
  /// Whether open_target has told once that the target is there, or isn't: what the password file
  /// says of it, which is good for its neighbours too, is known then.
  bool has_looked() const { return has_looked_; }
  /// To a database that is not the target, but there on every server: for what concerns databases
  /// as a whole.
  std::unique_ptr<Session> open_maintenance();
  std::unique_ptr<Session> open(const std::string& database);
  /// To the same database as open_maintenance, for what is quickly done and must not be left half
  /// done when the run is cancelled. One try.
  std::unique_ptr<Session> open_uninterrupted() const;

  Address address_of(const std::string& database) const;
  const std::string& location() const { return address_.location; }
  /// The name of the target.
  const std::string& database() const { return database_; }

 private:
  std::unique_ptr<Session> connect_to(const Address& address);

  ComponentOptions options_;
  Address address_;
  std::string database_;
  std::string maintenance_;  ///< once one is found
  std::string password_;     ///< once it is known
  bool has_looked_ = false;
  Log& log_;
  const Cancel& cancel_;
  Cancel never_;
};

}  // namespace prism::postgres
