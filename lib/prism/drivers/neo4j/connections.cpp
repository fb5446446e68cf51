#include <algorithm>

#include <fmt/format.h>

#include <prism/base/backoff.hpp>
#include <prism/drivers/neo4j/connections.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/random_name.hpp>

namespace prism::neo4j {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kReachable{3000};  ///< how long a connection is tried at least
constexpr milliseconds kBusy{30'000};

/// When what failed is tried again, and when no more.
class Tries {
 public:
  Tries(milliseconds wait, bool routed, Log& log, const Cancel& cancel)
      : wait_(wait), routed_(routed), log_(log), cancel_(cancel) {}

  /// Waits for the next one; false: it would not help, or there were enough.
  bool again(const Failure& failure) {
    if (!may_pass(failure)) return false;
    auto& backoff = failure.is_connection() ? unreachable_ : busy_;
    if (!backoff) {
      const milliseconds limit = failure.is_connection() ? kReachable : kBusy;
      backoff.emplace(std::max(limit, wait_), cancel_);
      log_.info(std::string(failure.what()) + "; trying again");
    }
    return backoff->pause();
  }

 private:
  bool may_pass(const Failure& failure) const {
    return failure.again() == Again::later || (routed_ && failure.again() == Again::elsewhere);
  }

  milliseconds wait_;
  bool routed_;
  Log& log_;
  const Cancel& cancel_;
  std::optional<Backoff> unreachable_, busy_;
};

}  // namespace

Connections::Connections(ConnectionsOptions options, Log& log, const Cancel& cancel)
    : options_(std::move(options)),
      login_(options_.address, options_.settings),
      name_(random_name()),
      metadata_(Parameters(1).text("prismctl", name_).bytes()),
      log_(log),
      cancel_(cancel) {}

Connections::~Connections() = default;

void Connections::retried(const std::function<void()>& attempt) {
  Tries tries(options_.wait, options_.address.routed, log_, cancel_);
  for (;;) {
    try {
      return attempt();
    } catch (const Failure& failure) {
      if (!tries.again(failure)) throw;
      forget_routes();
    }
  }
}

void Connections::transact(AccessMode mode, const Work& work) {
  retried([&] { attempt(mode, work); });
}

void Connections::attempt(AccessMode mode, const Work& work) {
  Lease lease = borrow(mode);
  try {
    attempt_on(*lease, mode, work);
  } catch (const Failure& failure) {
    // A login that has expired would stay so.
    if (failure.code() == ErrorCode::permission) lease.drop();
    throw;
  }
}

Begin Connections::begin(AccessMode mode, std::span<const std::string> seen) const {
  return {mode, seen, mode == AccessMode::write ? metadata_ : std::string_view()};
}

void Connections::attempt_on(Connection& connection, AccessMode mode, const Work& work) {
  const auto seen = bookmarks();
  try {
    connection.begin(begin(mode, seen));
    Transaction transaction(connection);
    work(transaction);
    replace_bookmarks(seen, connection.commit());
  } catch (...) {
    connection.reset();
    throw;
  }
}

Connection& Transaction::open() const {
  if (connection_.in_transaction()) return connection_;
  throw Error(ErrorCode::internal, connection_.where() + ": the transaction is over");
}

Summary Connections::run(AccessMode mode, const Query& query, const TakeRecord& record) {
  const Lease lease = take(mode);
  const auto seen = bookmarks();
  Summary summary = lease->run(query, record, begin(mode, seen));
  replace_bookmarks(seen, summary.bookmark);
  return summary;
}

// ---- the pool -----------------------------------------------------------------------------------

Connections::Lease Connections::take(AccessMode mode) {
  std::optional<Lease> lease;
  retried([&] { lease.emplace(borrow(mode)); });
  return std::move(*lease);
}

Connections::Lease Connections::borrow(AccessMode mode) {
  take_place();
  Lease lease(*this);  // gives the place back
  const Endpoint endpoint = server_for(mode);
  lease.connection_ = find_idle(endpoint);
  if (!lease.connection_) lease.connection_ = open(endpoint);
  return lease;
}

void Connections::take_place() {
  constexpr milliseconds kSlice{100};
  const auto limit = options_.settings.timeout;
  const auto end = Clock::now() + limit;
  std::unique_lock lock(mutex_);
  while (in_use_ >= options_.settings.max_connections) {
    cancel_.check();
    if (limit.count() > 0 && Clock::now() >= end) {
      throw Error(ErrorCode::configuration,
                  fmt::format("{} connections to Neo4j are not enough", in_use_),
                  "set NEO4J_MAX_CONNECTIONS higher");
    }
    given_back_.wait_for(lock, kSlice);
  }
  ++in_use_;
}

std::unique_ptr<Connection> Connections::find_idle(const Endpoint& endpoint) {
  for (;;) {
    std::unique_ptr<Connection> found;
    {
      const std::lock_guard lock(mutex_);
      const auto at = std::find_if(idle_.begin(), idle_.end(), [&](const auto& connection) {
        return connection->endpoint() == endpoint;
      });
      if (at == idle_.end()) return nullptr;
      found = std::move(*at);
      idle_.erase(at);
    }
    if (found->is_alive()) return found;
  }
}

std::unique_ptr<Connection> Connections::open(const Endpoint& endpoint) const {
  return std::make_unique<Connection>(endpoint, login_, cancel_);
}

void Connections::give_back(std::unique_ptr<Connection> connection) noexcept {
  {
    const std::lock_guard lock(mutex_);
    --in_use_;
    if (connection && connection->is_idle()) idle_.push_back(std::move(connection));
  }
  given_back_.notify_one();
}

Connections::Lease::~Lease() {
  if (all_ != nullptr) all_->give_back(std::move(connection_));
}

// ---- routing ------------------------------------------------------------------------------------

Endpoint Connections::server_for(AccessMode mode) {
  if (!options_.address.routed) return options_.address.endpoint;
  const std::lock_guard lock(routing_mutex_);
  if (!table_ || table_->expires <= RoutingTable::Clock::now() || table_->servers(mode).empty()) {
    table_ = ask_routers();
  }
  const auto& servers = table_->servers(mode);
  if (servers.empty()) {
    throw Failure(
        Error(ErrorCode::unavailable,
              fmt::format("{}: the cluster has no server that {} now", options_.address.text(),
                          mode == AccessMode::read ? "reads" : "writes")));
  }
  return servers[turn_++ % servers.size()];
}

/// The first answer of those who were routers before, or else of the server of the address.
RoutingTable Connections::ask_routers() {
  auto routers = table_ ? table_->routers : std::vector<Endpoint>();
  routers.push_back(options_.address.endpoint);
  for (std::size_t i = 0;; ++i) {
    try {
      auto connection = find_idle(routers[i]);
      if (!connection) connection = open(routers[i]);
      const auto seen = bookmarks();
      RoutingTable table = read_routing_table(connection->route(seen));
      const std::lock_guard lock(mutex_);
      idle_.push_back(std::move(connection));
      return table;
    } catch (const Failure& failure) {
      if (!failure.is_connection() || i + 1 == routers.size()) throw;
    }
  }
}

/// They are asked for anew, of the same routers; a server that failed may no longer be there.
void Connections::forget_routes() {
  const std::lock_guard lock(routing_mutex_);
  if (table_) table_->expires = {};
}

std::vector<std::string> Connections::bookmarks() const {
  const std::lock_guard lock(mutex_);
  return bookmarks_;
}

/// The servers of a cluster may be behind each other: what is begun next must see what was
/// committed before. One server alone is never behind itself.
void Connections::replace_bookmarks(const std::vector<std::string>& seen,
                                    const std::string& bookmark) {
  if (!options_.address.routed || bookmark.empty()) return;
  const std::lock_guard lock(mutex_);
  std::erase_if(bookmarks_, [&](const std::string& one) {
    return std::find(seen.begin(), seen.end(), one) != seen.end();
  });
  bookmarks_.push_back(bookmark);
}

}  // namespace prism::neo4j
