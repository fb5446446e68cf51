// Against the real servers of scripts/services.

#include <atomic>
#include <thread>

#include <doctest/doctest.h>

#include <prism/drivers/neo4j/connections.hpp>
#include <prism/drivers/neo4j/packer.hpp>

#include "support/neo4j.hpp"
#include "support/services.hpp"
#include "support/tcp_proxy.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::neo4j {
namespace {

using test::Neo4jDatabase;

bool has_server() { return test::has_service("PRISM_TEST_NEO4J"); }

std::string parameters_of(const Map& map) {
  std::string bytes;
  Packer(bytes).value(map);
  return bytes;
}

/// What a server gives back of a value that is sent to it.
Value echoed(Connection& connection, const Value& value) {
  Value back;
  connection.run({"RETURN $v", parameters_of({{{"v", value}}})},
                 [&](Unpacker& fields) { back = fields.value(); });
  return back;
}

void check_all_values(Connection& connection) {
  const std::vector<Value> values{Value(),
                                  true,
                                  0,
                                  127,
                                  128,
                                  -129,
                                  32'768,
                                  std::int64_t{1} << 40,
                                  -0.5,
                                  "",
                                  "Zoë 🚰",
                                  Bytes{std::string("\0\xFF", 2)},
                                  List{1, "a", List{}},
                                  Map{{{"k", List{Value()}}}},
                                  Date{-719'162},
                                  Time{86'399'999'999'999, -64'800},
                                  LocalTime{1},
                                  DateTime{1'700'000'000, 999'999'999, 3600},
                                  ZonedDateTime{1'700'000'000, 5, "Europe/Amsterdam"},
                                  LocalDateTime{-1, 0},
                                  Duration{-1, 2, -3, 4},
                                  Point2D{4326, 4.9, 52.4},
                                  Point3D{9157, 1, 2, -3},
                                  std::string(200'000, 'x')};
  for (const Value& value : values) {
    CAPTURE(value.data.index());
    CHECK(echoed(connection, value) == value);
  }
}

/// The pool of a test case.
struct Pool {
  explicit Pool(Neo4jDatabase& database, const std::string& url)
      : connections({.address = parse_address(url), .settings = test::neo4j_settings()},
                    database.quiet().log(), database.quiet().cancel()) {}
  explicit Pool(Neo4jDatabase& database) : Pool(database, database.url()) {}

  Connections connections;
};

/// The URL of the test server with another scheme, or by way of a proxy.
std::string rewritten(const std::string& url, const std::string& scheme,
                      const std::string& address = {}) {
  const auto host = url.rfind('@') + 1;
  const auto begin = url.find("://");
  return scheme + url.substr(begin, host - begin) + (address.empty() ? url.substr(host) : address);
}

}  // namespace

TEST_CASE("neo4j: a real server gives every value back as it was sent") {
  if (!has_server()) return;
  const Neo4jDatabase database;
  const auto connection = database.connect();
  CHECK(connection->version() >= Version{5, 0});
  CHECK(connection->server().starts_with("Neo4j/5."));
  check_all_values(*connection);
}

TEST_CASE("neo4j: a real server is understood in each version of Bolt that it speaks") {
  if (!has_server()) return;
  const Neo4jDatabase database;
  const Cancel cancel;
  // What is offered: 5.8 to 5.0, then 4.4.
  const std::string offer("\x00\x08\x08\x05\x00\x00\x04\x04", 8);
  for (const Version version : {Version{4, 4}, Version{5, 0}, Version{5, 1}, Version{5, 2},
                                Version{5, 3}, Version{5, 4}, Version{5, 6}, Version{5, 7}}) {
    CAPTURE(version.text());
    test::TcpProxy proxy(database.address().endpoint.text());
    proxy.replace(offer, {0, 0, static_cast<char>(version.minor), static_cast<char>(version.major),
                          0, 0, 0, 0});
    const Address address = parse_address(rewritten(database.url(), "bolt", proxy.address()));
    Connection connection(address.endpoint, {address, test::neo4j_settings()}, cancel);
    CHECK(connection.version() == version);
    check_all_values(connection);
    connection.begin({});
    CHECK(connection.run({"CREATE (:A)"}).counters.nodes_created == 1);
    connection.rollback();
    const auto failed = test::thrown_by([&] { connection.run({"RETURN 1 / 0"}); });
    CHECK(failed.says("/ by zero"));
    CHECK(connection.run({"RETURN 1"}).fields.size() == 1);
  }
}

TEST_CASE("neo4j: nodes, relationships and paths are read from a real server") {
  if (!has_server()) return;
  const Neo4jDatabase database;
  const auto rows = database.rows(
      "CREATE p = (a:Entity {uid: 1})-[r:role]->(b:Fact {fact_uid: 2})<-[s:role]-(:Entity) "
      "RETURN a, r, p");
  REQUIRE(rows.size() == 1);
  const Node* const node = rows[0][0].get<Node>();
  const Relationship* const relationship = rows[0][1].get<Relationship>();
  const Path* const path = rows[0][2].get<Path>();
  REQUIRE(node != nullptr);
  REQUIRE(relationship != nullptr);
  REQUIRE(path != nullptr);
  CHECK(node->labels == std::vector<std::string>{"Entity"});
  CHECK(node->properties == Map{{{"uid", 1}}});
  CHECK(relationship->type == "role");
  CHECK(relationship->start == node->id);
  CHECK(relationship->start_element_id == node->element_id);
  CHECK(path->nodes.size() == 3);
  CHECK(path->relationships.size() == 2);
  CHECK(path->steps == std::vector<std::int64_t>{1, 1, -2, 2});
  CHECK(path->nodes[0] == *node);
}

TEST_CASE("neo4j: what a query changed is counted") {
  if (!has_server()) return;
  const Neo4jDatabase database;
  const auto connection = database.connect();
  const Summary created = connection->run(
      {"UNWIND range(1, 10) AS i CREATE (a:A {i: i})-[:R]->(b:B) RETURN i AS number"});
  CHECK(created.counters == Counters{.nodes_created = 20,
                                     .relationships_created = 10,
                                     .properties_set = 10,
                                     .labels_added = 20});
  CHECK(created.fields == std::vector<std::string>{"number"});
  CHECK(created.database == "neo4j");
  CHECK_FALSE(created.bookmark.empty());
  const Summary constraint =
      connection->run({"CREATE CONSTRAINT c FOR (a:A) REQUIRE a.i IS UNIQUE"});
  CHECK(constraint.counters.constraints_added == 1);
}

TEST_CASE("neo4j: many records come whole, in order, in any portions") {
  if (!has_server()) return;
  const Neo4jDatabase database;
  const auto connection = database.connect();
  for (const int portion : {1, 7, 1000, 100'000}) {
    CAPTURE(portion);
    connection->set_fetch_size(portion);
    const std::int64_t size = portion == 1 ? 300 : 30'000;
    std::int64_t expected = 0;
    connection->run(
        {"UNWIND range(1, $n) AS i RETURN i, toString(i)", parameters_of({{{"n", size}}})},
        [&](Unpacker& fields) {
          CHECK_EQ(fields.integer(), ++expected);
          CHECK_EQ(fields.string(), std::to_string(expected));
        });
    CHECK(expected == size);
  }
  int taken = 0;
  const Summary summary = connection->stream({"UNWIND range(1, 100000000) AS i RETURN i"},
                                             [&](Unpacker&) { return ++taken < 10; });
  CHECK(taken == 10);
  CHECK(summary.stopped);
  CHECK(connection->is_idle());
}

TEST_CASE("neo4j: a transaction is there after its commit alone") {
  if (!has_server()) return;
  const Neo4jDatabase database;
  const auto connection = database.connect();
  connection->begin();
  connection->send({"CREATE (:A)"});
  connection->send({"CREATE (:A)"});
  CHECK_FALSE(connection->commit().empty());
  connection->begin();
  connection->run({"CREATE (:A)"});
  connection->rollback();
  connection->begin();
  connection->run({"CREATE (:A)"});
  CHECK(connection->reset());
  { database.connect()->begin(); }
  CHECK(database.integer("MATCH (a:A) RETURN count(a)") == 2);
}

TEST_CASE("neo4j: an error of the server is told, and the connection goes on") {
  if (!has_server()) return;
  const Neo4jDatabase database;
  database.execute("CREATE CONSTRAINT FOR (f:Fact) REQUIRE f.fact_uid IS UNIQUE");
  const auto connection = database.connect();
  connection->begin();
  connection->send({"CREATE (:Fact {fact_uid: 1})"});
  connection->send({"CREATE (:Fact {fact_uid: 1})"});
  const auto doubled = test::thrown_by([&] { connection->commit(); });
  CHECK(doubled.code == ErrorCode::bad_data);
  CHECK(doubled.says("Neo.ClientError.Schema.ConstraintValidationFailed"));
  CHECK(connection->is_idle());
  const auto wrong = test::thrown_by([&] { connection->run({"RETURN 1 +"}); });
  CHECK(wrong.code == ErrorCode::internal);
  CHECK(wrong.says("Neo.ClientError.Statement.SyntaxError"));
  CHECK_FALSE(wrong.says("\n"));
  const auto late = test::thrown_by(
      [&] { connection->run({"UNWIND range(-20000, 0) AS i RETURN 1 / i"}, [](Unpacker&) {}); });
  CHECK(late.says("/ by zero"));
  CHECK(test::thrown_by([&] { connection->run({"RETURN 1 / 0"}); }).says("/ by zero"));
  CHECK(database.integer("MATCH (f:Fact) RETURN count(f)") == 0);
  connection->run({"RETURN 1"});
}

TEST_CASE("neo4j: a wrong password is told at once, without repeating it") {
  if (!has_server()) return;
  const Neo4jDatabase database;
  config::Neo4jSettings settings;
  settings.password = "hunter2hunter2";
  Address address = database.address();
  address.password.reset();
  Connections connections({.address = address, .settings = settings}, database.quiet().log(),
                          database.quiet().cancel());
  const auto refused = test::thrown_by([&] { connections.take(AccessMode::read); });
  CHECK(refused.code == ErrorCode::permission);
  CHECK(refused.says("user and password are not accepted"));
  CHECK_FALSE(refused.says("hunter2"));
  settings.password.clear();
  Connections nobody({.address = address, .settings = settings}, database.quiet().log(),
                     database.quiet().cancel());
  CHECK(test::thrown_by([&] { nobody.take(AccessMode::read); }).code == ErrorCode::permission);
}

TEST_CASE("neo4j: a database that is not there is configuration") {
  if (!has_server()) return;
  Neo4jDatabase database;
  Pool pool(database, database.url() + "/nowhere");
  const auto unknown = test::thrown_by([&] {
    pool.connections.transact(AccessMode::read,
                              [](Transaction& transaction) { transaction.run({"RETURN 1"}); });
  });
  CHECK(unknown.code == ErrorCode::configuration);
  CHECK(unknown.says("nowhere"));
}

TEST_CASE("neo4j: writing in a transaction that reads is refused") {
  if (!has_server()) return;
  Neo4jDatabase database;
  Pool pool(database);
  const auto refused = test::thrown_by([&] {
    pool.connections.transact(AccessMode::read,
                              [](Transaction& transaction) { transaction.run({"CREATE (:A)"}); });
  });
  CHECK(refused.says("Neo.ClientError.Statement.AccessMode"));
}

TEST_CASE("neo4j: neo4j:// finds its way on a server that is alone") {
  if (!has_server()) return;
  Neo4jDatabase database;
  Pool pool(database, rewritten(database.url(), "neo4j"));
  for (const AccessMode mode : {AccessMode::write, AccessMode::read}) {
    pool.connections.transact(mode, [&](Transaction& transaction) {
      if (mode == AccessMode::write) transaction.send({"CREATE (:A)"});
      std::int64_t count = 0;
      transaction.run({"MATCH (a:A) RETURN count(a)"},
                      [&](Unpacker& fields) { count = fields.integer(); });
      CHECK(count == 1);
    });
  }
}

TEST_CASE("neo4j: transactions that block each other are done again") {
  if (!has_server()) return;
  Neo4jDatabase database;
  database.execute("CREATE (:A {n: 0}), (:B {n: 0})");
  Pool pool(database);
  std::atomic<int> begun = 0;
  const auto add = [&](const char* first, const char* second) {
    for (int i = 0; i < 10; ++i) {
      pool.connections.transact(AccessMode::write, [&](Transaction& transaction) {
        ++begun;
        transaction.run({first});
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        transaction.run({second});
      });
    }
  };
  const char* const a = "MATCH (a:A) SET a.n = a.n + 1";
  const char* const b = "MATCH (b:B) SET b.n = b.n + 1";
  std::thread other([&] { add(b, a); });
  add(a, b);
  other.join();
  MESSAGE("20 transactions, ", begun - 20, " of them again");
  CHECK(database.integer("MATCH (a:A), (b:B) RETURN a.n + b.n") == 40);
}

TEST_CASE("neo4j: queries that commit as they go run by themselves") {
  if (!has_server()) return;
  Neo4jDatabase database;
  Pool pool(database);
  const Summary summary =
      pool.connections.run(AccessMode::write, {"UNWIND range(1, 5000) AS i CALL { WITH i CREATE "
                                               "(:A {i: i}) } IN TRANSACTIONS OF 1000 ROWS"});
  CHECK(summary.counters.nodes_created == 5000);
}

TEST_CASE("neo4j: a connection that is cut in the midst loses nothing and doubles nothing") {
  if (!has_server()) return;
  Neo4jDatabase database;
  test::TcpProxy proxy(database.address().endpoint.text());
  Pool pool(database, rewritten(database.url(), "bolt", proxy.address()));
  const std::string rows = parameters_of({{{"rows", List(10'000, Value(std::string(50, 'x')))}}});
  for (int round = 0; round < 5; ++round) {
    proxy.cut_after(test::TcpProxy::to_server, 1 + 100'000 * static_cast<std::uint64_t>(round));
    pool.connections.transact(AccessMode::write, [&](Transaction& transaction) {
      transaction.run({"UNWIND $rows AS row CREATE (:A {row: row})", rows});
    });
  }
  CHECK(database.integer("MATCH (a:A) RETURN count(a)") == 50'000);
}

TEST_CASE("neo4j: a server that is not there is waited for") {
  if (!has_server()) return;
  Neo4jDatabase database;
  test::TcpProxy proxy(database.address().endpoint.text());
  proxy.refuse();
  Connections connections(
      {.address = parse_address(rewritten(database.url(), "bolt", proxy.address())),
       .wait = std::chrono::seconds(20)},
      database.quiet().log(), database.quiet().cancel());
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(4000));
    proxy.forward();
  });
  CHECK(connections.take(AccessMode::read)->is_idle());
  later.join();
}

TEST_CASE("neo4j: a load is interrupted by a signal") {
  if (!has_server()) return;
  Neo4jDatabase database;
  const auto connection = database.connect();
  std::thread signal([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    database.quiet().cancel().request(2);
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto thrown = test::thrown_by(
      [&] { connection->run({"UNWIND range(1, 1000000000) AS i WITH i WHERE i < 0 RETURN i"}); });
  signal.join();
  CHECK(thrown.code == ErrorCode::interrupted);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}

TEST_CASE("neo4j: TLS verifies the server, takes any certificate, or is missed") {
  if (!test::has_service("PRISM_TEST_NEO4J_TLS")) return;
  const std::string url = *test::service("PRISM_TEST_NEO4J_TLS");
  const Endpoint endpoint = parse_address(url).endpoint;
  const Cancel cancel;
  const auto connect = [&](const std::string& scheme, const config::Neo4jSettings& settings) {
    const Address address = parse_address(scheme + "://" + endpoint.text());
    Connection connection(endpoint, {address, settings}, cancel);
    connection.run({"RETURN 1"});
  };
  connect("bolt+s", test::neo4j_settings());
  connect("bolt+ssc", {});
  test::Quiet quiet;
  Connections routed({.address = parse_address("neo4j+s://" + endpoint.text()),
                      .settings = test::neo4j_settings()},
                     quiet.log(), quiet.cancel());
  CHECK(routed.run(AccessMode::read, {"RETURN 1 AS one"}).fields.size() == 1);
  const auto unknown = test::thrown_by([&] { connect("bolt+s", {}); });
  CHECK(unknown.code == ErrorCode::permission);
  CHECK(unknown.says("its certificate is not accepted"));
  const auto plain = test::thrown_by([&] { connect("bolt", {}); });
  CHECK(plain.hint.find("bolt+s://") != std::string::npos);
  MESSAGE(plain.message);
}

TEST_CASE("neo4j: a server without TLS says so") {
  if (!has_server()) return;
  const Neo4jDatabase database;
  const Cancel cancel;
  const Address address = parse_address(rewritten(database.url(), "bolt+s"));
  const auto thrown = test::thrown_by([&] {
    Connection(address.endpoint, {address, test::neo4j_settings()}, cancel);
  });
  CHECK(thrown.code == ErrorCode::unavailable);
  CHECK(thrown.hint.find("bolt://") != std::string::npos);
}

TEST_CASE("neo4j: a certificate that has expired, or is for another host, is told") {
  if (!test::has_service("PRISM_TEST_NEO4J_TLS")) return;
  const Cancel cancel;
  for (const std::string kind : {"expired", "wrong-host"}) {
    CAPTURE(kind);
    const test::PrivateServer server("neo4j-tls", {"--certificate", kind});
    const Address address = parse_address(server.value("PRISM_TEST_NEO4J_TLS"));
    config::Neo4jSettings settings;
    settings.ca_file = server.value("PRISM_TEST_TLS_DIR") + "/ca.crt";
    const auto thrown = test::thrown_by([&] {
      Connection(address.endpoint, {address, settings}, cancel);
    });
    CHECK(thrown.code == ErrorCode::permission);
    CHECK(thrown.says("its certificate is not accepted"));
    CHECK(thrown.says(kind == "expired" ? "expired" : "mismatch"));
  }
}

}  // namespace prism::neo4j
