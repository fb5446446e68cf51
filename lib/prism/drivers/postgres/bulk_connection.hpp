#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prism/drivers/postgres/connect.hpp>
#include <prism/drivers/postgres/connections.hpp>

namespace prism::postgres {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using LibpqResult = std::unique_ptr<PGresult, ClearResult>;

/// One transaction on a libpq connection of its own, for what libpqxx 6 has no way to do: binary
/// COPY. Without `commit` nothing remains. Waiting ends when cancelled. Throws Failure.
class BulkConnection {
 public:
  /// Connects, tries again as `retry` does, and begins.
  explicit BulkConnection(Connections& connections);
  /// Connects, once, beside all stores, and begins; `limit` is for the connecting.
  BulkConnection(const Address& address, std::chrono::milliseconds limit, const Cancel& cancel);
  ~BulkConnection();
  BulkConnection(const BulkConnection&) = delete;
  BulkConnection& operator=(const BulkConnection&) = delete;

  /// One statement, or several without parameters; the result of the last.
  LibpqResult execute(const std::string& sql);
  /// With texts for $1, $2, …
  LibpqResult execute(const std::string& sql, const std::vector<std::string>& parameters);
  /// The first column of the first row as a number.
  std::int64_t integer(const std::string& sql);

  /// `COPY … FROM STDIN (FORMAT binary)`: then come the bytes of its rows, in pieces of any size.
  void begin_copy(const std::string& sql);
  void put(std::string_view bytes);
  /// How many rows there were.
  std::uint64_t end_copy();

  /// `COPY (…) TO STDOUT (FORMAT binary)`: `take` gets it in pieces that begin and end where rows
  /// do.
  void copy_out(const std::string& sql, const std::function<void(std::string_view)>& take);

  /// False when the answer was lost, so that nobody knows yet. Throws when the server says no.
  bool commit();

 private:
  void flush();
  void wait(short events);
  LibpqResult next_result();
  LibpqResult finish_results();
  [[noreturn]] void fail(const PGresult* result);

  const Cancel& cancel_;
  std::optional<Connections::Place> place_;
  LibpqConnection connection_;
};

}  // namespace prism::postgres
