#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include <pqxx/pqxx>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/drivers/postgres/address.hpp>

namespace prism::postgres {

/// The connections of one store. Those given back are kept for the next who needs one, until they
/// were idle for too long. Works through PgBouncer in transaction mode: nothing is set for longer
/// than a transaction. Used by one thread.
class Connections {
 public:
  class Lease;

  Connections(const Options& options, Log& log, const Cancel& cancel);
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  const Address& address() const { return address_; }
  /// The schema, quoted.
  const std::string& schema() const { return schema_; }
  Log& log() const { return log_; }
  const Cancel& cancel() const { return cancel_; }
  std::chrono::seconds lock_wait() const { return options_.lock_wait; }

  /// One that is open; tries again as `retry` does. Throws Error(configuration) when all are in
  /// use that there may be.
  Lease take();

  /// Calls `work` in a transaction and commits it; all of it again where it failed for a reason
  /// that may pass, so `work` must bear being called twice, even after a commit whose answer was
  /// lost.
  void transact(const std::function<void(pqxx::transaction_base&)>& work);

  /// The statement that gives the transaction our time limits.
  std::string limits_sql() const;

  /// Calls `attempt` as `retry` does.
  void retried(const std::function<void()>& attempt);

  /// A place among those that there may be, for a connection that isn't made here.
  class Place;
  Place take_place();

  std::chrono::milliseconds connection_timeout() const {
    return options_.settings.connection_timeout;
  }

 private:
  struct Open;

  std::unique_ptr<Open> open();
  void give_back(std::unique_ptr<Open> connection);
  void close_idle();

  Options options_;
  Address address_;
  std::string schema_;
  Log& log_;
  const Cancel& cancel_;
  std::size_t in_use_ = 0;
  std::vector<std::unique_ptr<Open>> idle_;
};

/// Counts as a connection in use for as long as it lives.
class Connections::Place {
 public:
  explicit Place(Connections& all) : all_(&all) {}
  Place(Place&& other) noexcept : all_(std::exchange(other.all_, nullptr)) {}
  Place& operator=(Place&&) = delete;
  ~Place() {
    if (all_ != nullptr) --all_->in_use_;
  }

 private:
  Connections* all_;
};

/// A connection on loan. It goes back when this ends, or is closed when it broke.
class Connections::Lease {
 public:
  Lease(Connections& all, Place place, std::unique_ptr<Open> open);
  Lease(Lease&&) noexcept;
  Lease& operator=(Lease&&) = delete;
  ~Lease();

  pqxx::connection& operator*() const;

 private:
  Connections* all_;
  Place place_;
  std::unique_ptr<Open> open_;
};

/// The SQLSTATE of an error; libpqxx 6 leaves it out of some of its types.
std::string sqlstate_of(const pqxx::sql_error& error);

/// Calls `work`; what libpqxx throws comes out as Failure.
void translated(const std::function<void()>& work);

}  // namespace prism::postgres
