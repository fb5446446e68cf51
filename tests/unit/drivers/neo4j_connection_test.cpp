#include <atomic>
#include <thread>

#include <doctest/doctest.h>

#include <prism/drivers/neo4j/connection.hpp>
#include <prism/drivers/neo4j/packer.hpp>

#include "support/bolt_server.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace prism::neo4j {
namespace {

using test::BoltPeer;
using test::BoltServer;

constexpr std::uint8_t kReset = 0x0F, kRun = 0x10, kBegin = 0x11, kCommit = 0x12, kDiscard = 0x2F,
                       kPull = 0x3F;

/// A connection to a server that goes by a script once the client is logged in.
class Served {
 public:
  explicit Served(BoltServer::Script script, Map hints = {})
      : server_([script = std::move(script), hints = std::move(hints)](BoltPeer& peer) {
          peer.welcome(hints);
          script(peer);
          peer.hold();
        }),
        connection(server_.endpoint(), {parse_address(server_.url()), {}}, cancel_) {}

 private:
  Cancel cancel_;
  BoltServer server_;

 public:
  Connection connection;
};

std::vector<std::int64_t> integers(Connection& connection, const Query& query) {
  std::vector<std::int64_t> all;
  connection.run(query, [&](Unpacker& fields) { all.push_back(fields.integer()); });
  return all;
}

template <typename Action>
Failure failure_by(Action&& action) {
  try {
    action();
  } catch (const Failure& failure) {
    return failure;
  }
  FAIL("expected a Failure");
  std::abort();
}

}  // namespace

TEST_CASE("neo4j: a query and its records are asked for at once") {
  std::string parameters;
  Packer packer(parameters);
  packer.map(1);
  packer.string("rows");
  packer.value(List{1, 2});
  Served served([&](BoltPeer& peer) {
    const auto run = peer.receive();
    CHECK(run.fields == List{"RETURN $rows", Map{{{"rows", List{1, 2}}}}, Map{}});
    CHECK(peer.receive().entry("n") == 1'000);
    peer.success({{{"fields", List{"x", "y"}}}});
    peer.record({1, "a"});
    peer.noop();
    peer.record({2, "b"});
    peer.success({{{"bookmark", "FB:1"}, {"db", "neo4j"}, {"type", "r"}}});
  });
  std::string texts;
  const Summary summary =
      served.connection.run({"RETURN $rows", parameters}, [&](Unpacker& fields) {
        fields.skip();
        texts += fields.string();
      });
  CHECK(texts == "ab");
  CHECK(summary.fields == std::vector<std::string>{"x", "y"});
  CHECK(summary.bookmark == "FB:1");
  CHECK(summary.database == "neo4j");
  CHECK(served.connection.is_idle());
}

TEST_CASE("neo4j: BEGIN, statements and COMMIT go together and are answered together") {
  Served served([&](BoltPeer& peer) {
    const auto begin = peer.receive();
    CHECK(int{begin.tag} == kBegin);
    CHECK(begin.entry("mode") == "r");
    CHECK(begin.entry("bookmarks") == List{"FB:0"});
    peer.expect({kRun, kPull, kRun, kPull, kCommit});
    for (int i = 0; i < 5; ++i) peer.success();
    peer.success({{{"bookmark", "FB:2"}}});
  });
  const std::vector<std::string> bookmarks{"FB:0"};
  served.connection.begin({AccessMode::read, bookmarks});
  served.connection.send({"CREATE (a)"});
  served.connection.send({"CREATE (b)"});
  CHECK(served.connection.in_transaction());
  CHECK(served.connection.commit() == "FB:2");
  CHECK(served.connection.is_idle());
}

TEST_CASE("neo4j: more records are asked for as soon as the last ones have come") {
  Served served([](BoltPeer& peer) {
    peer.expect({kRun});
    peer.success();
    for (int pulls = 0; pulls < 5; ++pulls) {
      CHECK(peer.receive().entry("n") == 2);
      peer.record({2 * pulls});
      peer.record({2 * pulls + 1});
      peer.success(pulls < 4 ? Map{{{"has_more", true}}} : Map{});
    }
  });
  served.connection.set_fetch_size(2);
  CHECK(integers(served.connection, {"q"}) ==
        std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("neo4j: the next records are asked for before the first are taken") {
  std::atomic<bool> asked = false;
  Served served([&](BoltPeer& peer) {
    peer.expect({kRun, kPull});
    peer.success();
    peer.send(BoltPeer::packed(0x71, List{1}) + BoltPeer::packed(0x70, Map{{{"has_more", true}}}));
    peer.expect({kPull});
    asked = true;
    peer.record({2});
    peer.success();
  });
  served.connection.run({"q"}, [&](Unpacker& fields) {
    if (fields.integer() == 1) test::comes_true([&] { return asked.load(); });
  });
  CHECK(asked);
}

TEST_CASE("neo4j: who has enough records has the rest discarded") {
  Served served([&](BoltPeer& peer) {
    peer.expect({kRun, kPull});
    peer.success();
    for (int i = 0; i < 200; ++i) peer.record({i});
    CHECK(peer.is_quiet(100));
    peer.success({{{"has_more", true}}});
    const auto discard = peer.receive();
    CHECK(int{discard.tag} == kDiscard);
    CHECK(discard.entry("n") == -1);
    peer.success({{{"bookmark", "FB:1"}}});
    peer.expect({kRun, kPull});
    peer.success();
    peer.record({7});
    peer.success();
  });
  int taken = 0;
  const Summary summary = served.connection.stream({"q"}, [&](Unpacker&) { return ++taken < 3; });
  CHECK(taken == 3);
  CHECK(summary.stopped);
  CHECK(summary.bookmark == "FB:1");
  CHECK(integers(served.connection, {"q"}) == std::vector<std::int64_t>{7});
}

TEST_CASE("neo4j: a failure ends the transaction; the connection is reset and goes on") {
  Served served([&](BoltPeer& peer) {
    peer.expect({kBegin, kRun, kPull, kRun, kPull, kCommit});
    peer.success();
    peer.failure("Neo.ClientError.Schema.ConstraintValidationFailed", "doubled");
    for (int i = 0; i < 4; ++i) peer.ignored();
    peer.expect({kReset});
    peer.success();
    peer.expect({kRun, kPull});
    peer.success();
    peer.success();
  });
  served.connection.begin();
  served.connection.send({"CREATE (a)"});
  served.connection.send({"CREATE (b)"});
  const Failure failure = failure_by([&] { served.connection.commit(); });
  CHECK(failure.server_code() == "Neo.ClientError.Schema.ConstraintValidationFailed");
  CHECK(failure.code() == ErrorCode::bad_data);
  CHECK(served.connection.is_idle());
  served.connection.run({"RETURN 1"});
}

TEST_CASE("neo4j: messages of any size pass both ways at once") {
  const std::string large(3'000'000, 'x');
  std::string parameters;
  Packer packer(parameters);
  packer.map(1);
  packer.string("p");
  packer.string(large);
  Served served([&](BoltPeer& peer) {
    peer.expect({kBegin, kRun, kPull});
    // It answers before it reads on.
    for (int i = 0; i < 2; ++i) peer.success();
    for (int i = 0; i < 3; ++i) peer.record({large});
    peer.success();
    CHECK(peer.receive().entry("p") == large);
    peer.expect({kPull});
    for (int i = 0; i < 2; ++i) peer.success();
  });
  std::size_t records = 0;
  served.connection.begin();
  served.connection.send({"q"}, [&](Unpacker& fields) {
    CHECK(fields.string() == large);
    ++records;
  });
  served.connection.run({"q", parameters});
  CHECK(records == 3);
}

TEST_CASE("neo4j: a connection that is lost before the COMMIT is a failure, behind it unknown") {
  const auto script = [](BoltPeer& peer) {
    peer.expect({kBegin, kRun, kPull});
    if (peer.number == 0) throw BoltPeer::Gone();
    for (int i = 0; i < 3; ++i) peer.success();
    peer.expect({kCommit});
    throw BoltPeer::Gone();
  };
  Cancel cancel;
  const BoltServer server([&](BoltPeer& peer) {
    peer.welcome();
    script(peer);
  });
  const Login login(parse_address(server.url()), {});
  Connection first(server.endpoint(), login, cancel);
  first.begin();
  const Failure lost = failure_by([&] { first.run({"CREATE (a)"}); });
  CHECK(lost.is_connection());
  CHECK(lost.again() == Again::later);
  CHECK_FALSE(first.reset());
  Connection second(server.endpoint(), login, cancel);
  second.begin();
  second.run({"CREATE (a)"});
  CHECK_THROWS_AS(second.commit(), CommitUnknown);
  CHECK_FALSE(second.is_idle());
}

TEST_CASE("neo4j: a writing query that commits by itself may be done when it is lost") {
  const BoltServer server([&](BoltPeer& peer) {
    peer.welcome();
    peer.expect({kRun, kPull});
  });
  const Cancel cancel;
  const Login login(parse_address(server.url()), {});
  Connection writer(server.endpoint(), login, cancel);
  CHECK_THROWS_AS(writer.run({"CREATE (a)"}), CommitUnknown);
  Connection reader(server.endpoint(), login, cancel);
  CHECK(failure_by([&] { reader.run({"RETURN 1"}, {}, {AccessMode::read}); }).is_connection());
}

TEST_CASE("neo4j: the server says how long it may say nothing, and NOOPs count") {
  Served served(
      [&](BoltPeer& peer) {
        peer.expect({kRun, kPull});
        for (int i = 0; i < 3; ++i) {
          peer.hold(500);
          peer.noop();
        }
        peer.success();
        peer.success();
        peer.expect({kRun, kPull});
      },
      Map{{{"connection.recv_timeout_seconds", 1}}});
  served.connection.run({"q"});
  const Failure lost = failure_by([&] { served.connection.run({"q"}, {}, {AccessMode::read}); });
  CHECK(std::string(lost.what()).find("no answer within 1 s") != std::string::npos);
}

TEST_CASE("neo4j: what a taker of records throws comes out; a reset mends the connection") {
  Served served([&](BoltPeer& peer) {
    peer.expect({kBegin, kRun, kPull});
    peer.success();
    peer.success();
    peer.record({1});
    peer.record({2});
    peer.success({{{"has_more", true}}});
    // Whether the client asked for more before is a matter of time.
    auto message = peer.receive();
    if (message.tag == kPull) {
      peer.ignored();
      message = peer.receive();
    }
    CHECK(int{message.tag} == kReset);
    peer.success();
    peer.expect({kRun, kPull});
    peer.success();
    peer.success();
  });
  served.connection.begin();
  const auto thrown = test::thrown_by([&] {
    served.connection.run(
        {"q"}, [](Unpacker&) { throw Error(ErrorCode::bad_data, "not what was expected"); });
  });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK_FALSE(served.connection.is_idle());
  CHECK(served.connection.reset());
  CHECK(served.connection.is_idle());
  served.connection.run({"q"});
}

TEST_CASE("neo4j: a server that breaks the protocol is told, and used no more") {
  for (const std::string& bytes : {std::string("\0\2\xB0\x55\0\0", 6), std::string("\0\1x\0\0", 5),
                                   std::string("\0\4\xB1\x71\x91\x01\0\0", 8)}) {
    Served served([&](BoltPeer& peer) {
      peer.expect({kRun, kPull});
      peer.send(bytes);
      peer.receive();
    });
    CHECK(test::thrown_by([&] { served.connection.run({"q"}); }).code == ErrorCode::io);
    CHECK_FALSE(served.connection.is_idle());
  }
}

TEST_CASE("neo4j: a connection that the server closed is not taken for alive") {
  Served served([](BoltPeer&) { throw BoltPeer::Gone(); });
  CHECK(test::comes_true([&] { return !served.connection.is_alive(); }));
}

}  // namespace prism::neo4j
