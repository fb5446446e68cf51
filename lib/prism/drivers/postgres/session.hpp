#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/drivers/postgres/address.hpp>
#include <prism/drivers/postgres/connect.hpp>

namespace prism::postgres {

/// A connection of its own, on which statements are run one by one, each in its own transaction
/// unless BEGIN was said. No time limit of the server's or the user's settings ends them, no search
/// path leads elsewhere, and rows that a policy hides are an error. Used by one thread.
class Session {
 public:
  using Row = std::vector<std::optional<std::string>>;
  using Rows = std::vector<Row>;

  /// Throws Failure.
  Session(const Address& address, std::chrono::milliseconds limit, const Cancel& cancel);

  /// One statement with texts for $1, $2, …, or several without any. Throws Failure.
  Rows query(const std::string& sql, const std::vector<std::string>& parameters = {});
  /// The first column of the first row; empty when it is NULL, or there is no row.
  std::string text(const std::string& sql, const std::vector<std::string>& parameters = {});
  bool is_true(const std::string& sql, const std::vector<std::string>& parameters = {});
  std::uint64_t number(const std::string& sql, const std::vector<std::string>& parameters = {});

  std::string database() const { return PQdb(connection_.get()); }
  /// As it was found, wherever that was.
  std::string password() const { return PQpass(connection_.get()); }
  /// Such as 150004.
  int version() const { return PQserverVersion(connection_.get()); }
  /// Such as `15.4`.
  std::string version_text() const;

  /// Ends what another thread waits for on it, soon, with a Failure.
  void interrupt() noexcept { interrupted_ = true; }

 private:
  void wait() const;
  void send(const std::string& sql, const std::vector<std::string>& parameters);
  Rows receive();
  [[noreturn]] void fail(const PGresult* result) const;

  const Cancel& cancel_;
  LibpqConnection connection_;
  std::atomic<bool> interrupted_{false};
};

}  // namespace prism::postgres
