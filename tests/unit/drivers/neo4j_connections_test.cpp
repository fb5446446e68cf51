#include <atomic>
#include <thread>

#include <doctest/doctest.h>

#include <prism/drivers/neo4j/connections.hpp>

#include "support/bolt_server.hpp"
#include "support/quiet.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace prism::neo4j {
namespace {

using test::BoltPeer;
using test::BoltServer;

constexpr std::uint8_t kReset = 0x0F, kRun = 0x10, kBegin = 0x11, kCommit = 0x12, kPull = 0x3F,
                       kRoute = 0x66;

/// BEGIN and a statement, answered well; then a COMMIT.
void serve_transaction(BoltPeer& peer, const std::string& bookmark = "FB:1") {
  peer.expect({kBegin, kRun, kPull});
  for (int i = 0; i < 3; ++i) peer.success();
  peer.expect({kCommit});
  peer.success({{{"bookmark", bookmark}}});
}

/// BEGIN and a statement that fails.
void serve_failure(BoltPeer& peer, const std::string& code) {
  peer.expect({kBegin, kRun, kPull});
  peer.success();
  peer.failure(code);
  peer.ignored();
  peer.expect({kReset});
  peer.success();
}

config::Neo4jSettings settings_of(std::size_t max_connections) {
  config::Neo4jSettings settings;
  settings.timeout = std::chrono::milliseconds(1000);
  settings.max_connections = max_connections;
  return settings;
}

class Client {
 public:
  explicit Client(const std::string& url, std::size_t max_connections = 5)
      : connections({.address = parse_address(url), .settings = settings_of(max_connections)},
                    quiet_.log(), quiet_.cancel()) {}

  /// A transaction of one statement; how often it was begun.
  int transact(AccessMode mode = AccessMode::write) {
    int begun = 0;
    connections.transact(mode, [&](Transaction& transaction) {
      ++begun;
      transaction.run({"q"});
    });
    return begun;
  }

 private:
  test::Quiet quiet_;

 public:
  Connections connections;
};

/// The answer to ROUTE that names these servers.
Map table_of(const std::string& reader, const std::string& writer, const std::string& router,
             std::int64_t ttl = 300) {
  const auto servers = [](const char* role, const std::string& address) {
    return Value(Map{{{"role", role}, {"addresses", List{address}}}});
  };
  return {{{"rt", Map{{{"ttl", ttl},
                       {"db", "neo4j"},
                       {"servers", List{servers("READ", reader), servers("WRITE", writer),
                                        servers("ROUTE", router)}}}}}}};
}

}  // namespace

TEST_CASE("neo4j: a transaction that had to give way is done again on the same connection") {
  const BoltServer server([](BoltPeer& peer) {
    peer.welcome();
    serve_failure(peer, "Neo.TransientError.Transaction.DeadlockDetected");
    serve_transaction(peer);
    serve_transaction(peer);
    peer.hold();
  });
  Client client(server.url());
  CHECK(client.transact() == 2);
  CHECK(client.transact() == 1);
  CHECK(server.connections() == 1);
}

TEST_CASE("neo4j: a transaction whose connection is lost before the COMMIT is done again") {
  const BoltServer server([](BoltPeer& peer) {
    peer.welcome();
    if (peer.number == 0) return peer.expect({kBegin, kRun, kPull});
    serve_transaction(peer);
    peer.hold();
  });
  Client client(server.url());
  CHECK(client.transact() == 2);
  CHECK(server.connections() == 2);
}

TEST_CASE("neo4j: a COMMIT whose answer is lost is not done again") {
  const BoltServer server([](BoltPeer& peer) {
    peer.welcome();
    peer.expect({kBegin, kRun, kPull});
    for (int i = 0; i < 3; ++i) peer.success();
    peer.expect({kCommit});
  });
  Client client(server.url());
  try {
    client.transact();
    FAIL("expected CommitUnknown");
  } catch (const CommitUnknown& unknown) {
    CHECK(unknown.code() == ErrorCode::unavailable);
    CHECK(std::string(unknown.what()).find("committed is not known") != std::string::npos);
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("neo4j: what does not pass is thrown at once") {
  for (const char* const code :
       {"Neo.ClientError.Statement.SyntaxError", "Neo.ClientError.Security.Forbidden",
        "Neo.TransientError.Transaction.Terminated", "Neo.ClientError.Cluster.NotALeader",
        "Neo.TransientError.General.MemoryPoolOutOfMemoryError"}) {
    CAPTURE(code);
    const BoltServer server([&](BoltPeer& peer) {
      peer.welcome();
      serve_failure(peer, code);
      peer.hold();
    });
    Client client(server.url());
    try {
      client.transact();
      FAIL_CHECK("expected a Failure");
    } catch (const Failure& failure) {
      CHECK(failure.server_code() == code);
    }
    CHECK(server.connections() == 1);
  }
}

TEST_CASE("neo4j: a login that is refused is not tried again") {
  const BoltServer server([](BoltPeer& peer) {
    peer.handshake();
    peer.expect({0x01, 0x6A});
    peer.success();
    peer.failure("Neo.ClientError.Security.Unauthorized");
  });
  Client client(server.url());
  CHECK(test::thrown_by([&] { client.transact(); }).code == ErrorCode::permission);
  CHECK(server.connections() == 1);
}

TEST_CASE("neo4j: what the work throws is thrown, and the connection is used again") {
  const BoltServer server([](BoltPeer& peer) {
    peer.welcome();
    peer.expect({kBegin, kRun, kPull});
    for (int i = 0; i < 3; ++i) peer.success();
    peer.expect({kReset});
    peer.success();
    serve_transaction(peer);
    peer.hold();
  });
  Client client(server.url());
  const auto thrown = test::thrown_by([&] {
    client.connections.transact(AccessMode::write, [](Transaction& transaction) {
      transaction.run({"q"});
      throw Error(ErrorCode::bad_data, "enough");
    });
  });
  CHECK(thrown.message == "enough");
  CHECK(client.transact() == 1);
  CHECK(server.connections() == 1);
}

TEST_CASE("neo4j: nothing is done behind a failure as if it were of the transaction") {
  const BoltServer server([](BoltPeer& peer) {
    peer.welcome();
    serve_failure(peer, "Neo.ClientError.Statement.SyntaxError");
    peer.hold();
  });
  Client client(server.url());
  const auto thrown = test::thrown_by([&] {
    client.connections.transact(AccessMode::write, [](Transaction& transaction) {
      CHECK_THROWS_AS(transaction.run({"q"}), Failure);
      transaction.run({"q"});
    });
  });
  CHECK(thrown.code == ErrorCode::internal);
  CHECK(thrown.says("the transaction is over"));
}

TEST_CASE("neo4j: a login that has expired is made anew") {
  const BoltServer server([](BoltPeer& peer) {
    peer.welcome();
    if (peer.number == 0) {
      serve_failure(peer, "Neo.ClientError.Security.AuthorizationExpired");
    } else {
      serve_transaction(peer);
    }
    peer.hold();
  });
  Client client(server.url());
  CHECK(client.transact() == 2);
  CHECK(server.connections() == 2);
}

TEST_CASE("neo4j: idle connections are lent again, unless the server closed them") {
  const BoltServer server([](BoltPeer& peer) {
    peer.welcome();
    serve_transaction(peer);
    if (peer.number > 0) peer.hold();
  });
  Client client(server.url());
  CHECK(client.transact() == 1);
  REQUIRE(test::comes_true([&] { return server.closed() == 1; }));
  CHECK(client.transact() == 1);
  CHECK(server.connections() == 2);
}

TEST_CASE("neo4j: no more connections are open than there may be") {
  const BoltServer server([](BoltPeer& peer) {
    peer.welcome();
    peer.hold();
  });
  Client client(server.url(), 2);
  std::optional<Connections::Lease> first, second;
  first.emplace(client.connections.take(AccessMode::read));
  second.emplace(client.connections.take(AccessMode::read));
  const auto full = test::thrown_by([&] { client.connections.take(AccessMode::read); });
  CHECK(full.code == ErrorCode::configuration);
  CHECK(full.says("2 connections to Neo4j are not enough"));
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    first.reset();
  });
  CHECK(client.connections.take(AccessMode::read)->is_idle());
  other.join();
  CHECK(server.connections() == 2);
}

TEST_CASE("neo4j: threads share the connections") {
  const BoltServer server([](BoltPeer& peer) {
    peer.welcome();
    for (;;) serve_transaction(peer);
  });
  Client client(server.url(), 3);
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 20; ++j) done += client.transact();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(done == 120);
  CHECK(server.connections() <= 3);
}

TEST_CASE("neo4j: neo4j:// sends readers and writers where the routing table says") {
  std::atomic<int> routes = 0;
  const BoltServer reader([](BoltPeer& peer) {
    peer.welcome();
    for (;;) serve_transaction(peer);
  });
  const BoltServer writer([](BoltPeer& peer) {
    peer.welcome();
    for (int writes = 0;; ++writes) {
      const Value seen = peer.receive().entry("bookmarks");
      CHECK(seen == (writes == 0 ? Value() : List{"FB:0"}));
      peer.expect({kRun, kPull});
      for (int i = 0; i < 3; ++i) peer.success();
      peer.expect({kCommit});
      peer.success({{{"bookmark", "FB:" + std::to_string(writes)}}});
    }
  });
  const BoltServer router([&](BoltPeer& peer) {
    peer.welcome();
    for (;;) {
      peer.expect({kRoute});
      ++routes;
      peer.success(table_of(reader.endpoint().text(), writer.endpoint().text(), peer.where));
    }
  });
  Client client(router.url("neo4j"));
  for (const AccessMode mode : {AccessMode::write, AccessMode::write, AccessMode::read}) {
    CHECK(client.transact(mode) == 1);
  }
  CHECK(routes == 1);
  CHECK(reader.connections() == 1);
  CHECK(writer.connections() == 1);
}

TEST_CASE("neo4j: a server that is the writer no more has the routes asked for again") {
  std::atomic<int> routes = 0;
  const BoltServer former([](BoltPeer& peer) {
    peer.welcome();
    serve_failure(peer, "Neo.ClientError.Cluster.NotALeader");
    peer.hold();
  });
  const BoltServer writer([](BoltPeer& peer) {
    peer.welcome();
    serve_transaction(peer);
    peer.hold();
  });
  const BoltServer router([&](BoltPeer& peer) {
    peer.welcome();
    for (;;) {
      peer.expect({kRoute});
      const std::string now = (routes++ == 0 ? former : writer).endpoint().text();
      peer.success(table_of(now, now, peer.where));
    }
  });
  Client client(router.url("neo4j"));
  CHECK(client.transact() == 2);
  CHECK(routes == 2);
}

TEST_CASE("neo4j: a routing table that is none is refused") {
  CHECK(test::thrown_by([] { read_routing_table({}); }).says("has no rt"));
  CHECK(test::thrown_by([] { read_routing_table(Map{{{"rt", Map{}}}}); }).says("has no ttl"));
  const RoutingTable table = read_routing_table(table_of("r:1", "[::1]:2", "x", 1'000'000'000));
  CHECK(table.readers == std::vector<Endpoint>{{.host = "r", .port = 1}});
  CHECK(table.writers == std::vector<Endpoint>{{.host = "::1", .port = 2}});
  CHECK(table.routers == std::vector<Endpoint>{{.host = "x", .port = 7687}});
}

}  // namespace prism::neo4j
