#pragma once

#include <chrono>
#include <memory>

#include <libpq-fe.h>

#include <prism/base/backoff.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/drivers/postgres/address.hpp>
#include <prism/drivers/postgres/failure.hpp>

namespace prism::postgres {

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using LibpqConnection = std::unique_ptr<PGconn, FinishConnection>;

/// Connects by libpq, without blocking: `cancel` ends it, as does the time limit (0: none). Throws
/// Failure, with the server's SQLSTATE where it gave one.
LibpqConnection connect(const Address& address, std::chrono::milliseconds limit,
                        const Cancel& cancel);

/// How long what may pass is tried again where no `--wait` asks for more.
constexpr std::chrono::seconds kRetryFor{3};

/// Calls `attempt` until it throws nothing, or a Failure that won't pass, or `limit` is over.
void retry(std::chrono::seconds limit, Log& log, const Cancel& cancel,
           const std::function<void()>& attempt);

}  // namespace prism::postgres
