#include <csignal>
#include <filesystem>
#include <future>

#include <doctest/doctest.h>

#include <prism/drivers/postgres/failure.hpp>

#include "support/received_backup.hpp"
#include "support/services.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::test {
namespace {

using postgres::Lsn;
using postgres::WalMessage;

constexpr Lsn kSegment = Lsn{16} << 20;

/// What came of the WAL, without a gap.
struct Received {
  explicit Received(Lsn from) : start(from) {}

  void add(const WalMessage& message) {
    if (message.bytes.empty()) return;
    CHECK(message.start == end());
    bytes += message.bytes;
  }
  Lsn end() const { return start + bytes.size(); }

  Lsn start;
  std::string bytes;
};

Lsn current(const PostgresCluster& cluster) {
  return *postgres::parse_lsn(cluster.text("SELECT pg_current_wal_lsn()"));
}

}  // namespace

TEST_CASE("contract: physical: a server tells of itself by the replication protocol") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const PostgresCluster cluster;
  const Cancel cancel;
  auto server = replication(cluster, cancel);
  const auto identity = server.identify();
  CHECK(identity.id == cluster.text("SELECT system_identifier FROM pg_control_system()"));
  CHECK(identity.timeline == 1);
  CHECK(identity.flushed > 0);
  CHECK(server.show("wal_segment_size") == "16MB");
  CHECK(server.version() >= 150000);
  server.create_slot({.name = "lasting", .temporary = false});
  server.create_slot({.name = "lasting", .temporary = false});
  server.create_slot({.name = "passing"});
  CHECK(cluster.text("SELECT count(*) FROM pg_replication_slots WHERE restart_lsn IS NOT NULL") ==
        "2");
  CHECK_THROWS_AS(server.create_slot({.name = "passing"}), postgres::Failure);
  CHECK_THROWS_AS(server.create_slot({.name = "Not \"a\" name"}), postgres::Failure);
  CHECK(server.identify().id == identity.id);
}

TEST_CASE("contract: physical: a stream is the WAL of the server, segment by segment") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const PostgresCluster cluster;
  const Cancel cancel;
  auto server = replication(cluster, cancel);
  server.create_slot({.name = "held"});
  const Lsn start = current(cluster) / kSegment * kSegment;
  cluster.execute("CREATE TABLE t AS SELECT n FROM generate_series(1, 10000) n");
  const std::string name = cluster.text("SELECT pg_walfile_name(pg_switch_wal())");
  cluster.execute("INSERT INTO t VALUES (0)");
  Received received(start);
  auto streamer = replication(cluster, cancel);
  const auto end = streamer.stream({}, start, 1, [&](const WalMessage& message) {
    received.add(message);
    return received.bytes.size() > kSegment ? std::nullopt : std::optional(received.end());
  });
  CHECK_FALSE(end);
  CHECK(received.bytes.substr(0, kSegment) == content_of(cluster.data() / "pg_wal" / name));
  CHECK(streamer.identify().timeline == 1);
}

TEST_CASE("contract: physical: how far a stream is durable is told to the server") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const PostgresCluster cluster;
  const Cancel cancel;
  auto server = replication(cluster, cancel);
  server.create_slot({.name = "told", .temporary = false});
  const Lsn start = current(cluster) / kSegment * kSegment;
  cluster.execute("CREATE TABLE t AS SELECT 1 AS n");
  const Lsn aim = current(cluster);
  Received received(start);
  server.stream("told", start, 1, [&](const WalMessage& message) -> std::optional<Lsn> {
    received.add(message);
    const std::string held =
        cluster.text("SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = 'told'");
    if (postgres::parse_lsn(held).value_or(0) >= aim) return {};
    return received.end();
  });
  CHECK(received.end() >= aim);
}

TEST_CASE("contract: physical: a stream ends where its timeline does, and goes on in the next") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const PostgresCluster primary;
  const auto standby = primary.make_standby();
  const Cancel cancel;
  auto server = replication(*standby, cancel);
  const Lsn start = current(primary) / kSegment * kSegment;
  Received received(start);
  bool promoted = false;
  const auto end = server.stream({}, start, 1, [&](const WalMessage& message) {
    received.add(message);
    if (!promoted && !message.bytes.empty()) {
      promoted = true;
      standby->promote();
    }
    return std::optional(received.end());
  });
  REQUIRE(end);
  CHECK(end->next_timeline == 2);
  CHECK(end->begin == received.end());
  const auto [name, content] = server.timeline_history(2);
  CHECK(name == "00000002.history");
  CHECK(content == content_of(standby->data() / "pg_wal" / name));
  const auto at_once =
      server.stream({}, end->begin, 1, [&](const WalMessage&) -> std::optional<Lsn> {
        FAIL_CHECK("there is nothing to send");
        return {};
      });
  REQUIRE(at_once);
  CHECK(at_once->next_timeline == 2);
  standby->execute("CREATE TABLE after_promotion (n int)");
  Received next(end->begin / kSegment * kSegment);
  CHECK_FALSE(server.stream({}, next.start, 2, [&](const WalMessage& message) {
    next.add(message);
    return next.end() >= current(*standby) ? std::nullopt : std::optional(next.end());
  }));
}

TEST_CASE("contract: physical: a stream of a server that stops in good order just ends") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  PostgresCluster cluster;
  const Cancel cancel;
  auto server = replication(cluster, cancel);
  Received received(current(cluster) / kSegment * kSegment);
  std::future<void> stopped;
  const auto end = server.stream({}, received.start, 1, [&](const WalMessage& message) {
    received.add(message);
    if (!stopped.valid()) stopped = std::async(std::launch::async, [&] { cluster.stop(); });
    return std::optional(received.end());
  });
  CHECK_FALSE(end);
  stopped.get();
}

TEST_CASE("contract: physical: a stream fails where the server dies, or has the WAL no more") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  PostgresCluster cluster;
  const Cancel cancel;
  auto server = replication(cluster, cancel);
  const Lsn start = current(cluster) / kSegment * kSegment;
  CHECK_THROWS_AS(server.stream({}, start + 100 * kSegment, 1,
                                [](const WalMessage&) { return std::optional<Lsn>(0); }),
                  postgres::Failure);
  auto streamer = replication(cluster, cancel);
  CHECK_THROWS_AS(streamer.stream({}, start, 1,
                                  [&](const WalMessage&) {
                                    cluster.kill();
                                    return std::optional(start);
                                  }),
                  postgres::Failure);
}

TEST_CASE("contract: physical: a stream that waits is cancelled") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const PostgresCluster cluster;
  Cancel cancel;
  auto server = replication(cluster, cancel);
  const Lsn start = current(cluster) / kSegment * kSegment;
  const auto thrown = thrown_by([&] {
    server.stream({}, start, 1, [&](const WalMessage&) {
      cancel.request(SIGTERM);
      return std::optional(start);
    });
  });
  CHECK(thrown.code == ErrorCode::terminated);
}

}  // namespace prism::test
