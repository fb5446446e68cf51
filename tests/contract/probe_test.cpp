// Every probe on a real server, and on one that says nothing.
#include <algorithm>
#include <fstream>

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <prism/drivers/drivers.hpp>
#include <prism/health/look.hpp>

#include "support/bucket.hpp"
#include "support/http_server.hpp"
#include "support/nats.hpp"
#include "support/neo4j.hpp"
#include "support/postgres.hpp"
#include "support/quiet.hpp"
#include "support/redis.hpp"
#include "support/services.hpp"
#include "support/tcp_proxy.hpp"
#include "support/temporary.hpp"

namespace prism {
namespace {

using health::Depth;
using health::Reading;
using health::State;

config::ServerSettings servers() {
  config::ServerSettings servers;
  servers.neo4j = test::neo4j_settings();
  if (const auto tls = test::service("PRISM_TEST_TLS_DIR")) servers.http_ca_file = *tls + "/ca.crt";
  servers.s3.access_key = "a";
  servers.s3.secret_key = "b";
  if (test::service("PRISM_TEST_S3")) servers.s3 = test::minio_options().settings;
  return servers;
}

/// One look at a target of that URL.
health::Observation look(const std::string& url, Depth depth = Depth::normal,
                         const config::Watching& watching = {},
                         std::chrono::seconds limit = std::chrono::seconds(30)) {
  test::Quiet quiet;
  auto target = config::target_of_url("target", url, {}, "a test");
  target.watching = watching;
  std::vector<health::NamedProbe> probes(1);
  probes[0].name = target.name;
  probes[0].cancel = std::make_unique<Cancel>(&quiet.cancel());
  probes[0].time_limit = limit;
  probes[0].probe = drivers::open_probe(target, {limit, servers()}, quiet.log(), *probes[0].cancel);
  auto seen = health::look_at_all(probes, depth, quiet.cancel());
  for (const std::string& problem : seen[0].reading.problems) MESSAGE(problem);
  return std::move(seen[0]);
}

double value_of(const Reading& reading, const std::string& name, const std::string& of = {}) {
  for (const health::Metric& metric : reading.metrics) {
    if (metric.name == name && metric.of == of) return metric.value;
  }
  FAIL_CHECK("there is no metric " << name << " of " << of);
  return -1;
}

bool notes_say(const Reading& reading, const std::string& words) {
  return std::any_of(reading.notes.begin(), reading.notes.end(), [&](const std::string& note) {
    return note.find(words) != std::string::npos;
  });
}

void require_good(const health::Observation& seen) {
  CHECK(seen.up);
  CHECK(seen.reading.state == State::ok);
  CHECK_FALSE(seen.reading.version.empty());
}

}  // namespace

TEST_CASE("contract: probe: PostgreSQL") {
  if (!test::has_service("PRISM_TEST_POSTGRES")) return;
  const test::PostgresDatabase database;
  database.execute("CREATE EXTENSION pg_trgm");
  const auto seen = look(database.url());
  require_good(seen);
  CHECK(value_of(seen.reading, "connections") >= 1);
  CHECK(value_of(seen.reading, "database_size") > 1e6);
  CHECK(value_of(seen.reading, "oldest_transaction") < 3600);
  CHECK(notes_say(seen.reading, "extensions pg_trgm "));
  const auto gone = look(test::with_database(database.url(), "not_there"));
  CHECK_FALSE(gone.up);
  CHECK(gone.reading.state == State::critical);
}

TEST_CASE("contract: probe: Redis, and its queues") {
  if (!test::has_service("PRISM_TEST_REDIS")) return;
  const test::RedisDatabase database("PRISM_TEST_REDIS");
  test::RedisCli redis(database.url());
  redis({"ZADD", "arq:queue", "1", "a", "2", "b"});
  redis({"RPUSH", "dlq:book_processing", "1", "2", "3", "4", "5", "6"});
  redis({"XADD", "stream", "*", "k", "v"});
  config::Watching watching;
  watching.queues = {"arq:queue", "stream"};
  const auto seen = look(database.url(), Depth::normal, watching);
  CHECK(seen.up);
  CHECK(value_of(seen.reading, "queue", "arq:queue") == 2);
  CHECK(value_of(seen.reading, "queue", "stream") == 1);
  CHECK(value_of(seen.reading, "dead_letters", "dlq:book_processing") == 6);
  CHECK(value_of(seen.reading, "memory") > 0);
  CHECK(seen.reading.state == State::warning);
  CHECK(seen.reading.problems ==
        std::vector<std::string>{"jobs of dlq:book_processing: 6, warning from 5"});
}

TEST_CASE("contract: probe: Redis Cluster") {
  if (!test::has_service("PRISM_TEST_REDIS_CLUSTER")) return;
  const test::RedisDatabase database("PRISM_TEST_REDIS_CLUSTER");
  const auto seen = look(database.url());
  require_good(seen);
  CHECK(notes_say(seen.reading, "3 primaries"));
}

TEST_CASE("contract: probe: Neo4j") {
  if (!test::has_service("PRISM_TEST_NEO4J")) return;
  const test::Neo4jDatabase graph;
  graph.execute("CREATE (:Fact)-[:role]->(:Entity)");
  config::Watching watching;
  watching.data_folder = test::service("PRISM_TEST_NEO4J_HOME").value() + "/data";
  const auto seen = look(graph.url(), Depth::normal, watching);
  require_good(seen);
  CHECK(seen.reading.version.starts_with("5."));
  CHECK(value_of(seen.reading, "nodes") == 2);
  CHECK(value_of(seen.reading, "facts") == 1);
  CHECK(value_of(seen.reading, "relationships") == 1);
  CHECK(value_of(seen.reading, "databases") == 2);
  CHECK(value_of(seen.reading, "store_size") > 1e4);
  CHECK(notes_say(seen.reading, "community"));
}

TEST_CASE("contract: probe: a bucket") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  test::Bucket bucket;
  bucket.put("a", "one");
  bucket.put("b/c", "seven..");
  require_good(look(bucket.url()));
  const auto deep = look(bucket.url(), Depth::deep);
  require_good(deep);
  CHECK(value_of(deep.reading, "objects") == 2);
  CHECK(value_of(deep.reading, "object_bytes") == 10);
  CHECK(notes_say(deep.reading, "can be written to"));
  CHECK(value_of(look(bucket.url(), Depth::deep).reading, "objects") == 2);
  CHECK(look(bucket.url() + "-gone").reading.state == State::critical);
}

TEST_CASE("contract: probe: Consul") {
  if (!test::has_service("PRISM_TEST_CONSUL")) return;
  const std::string url = test::service("PRISM_TEST_CONSUL").value();
  const auto seen = look("consul" + url.substr(url.find("://")));
  require_good(seen);
  CHECK(value_of(seen.reading, "peers") == 1);
  CHECK(value_of(seen.reading, "failing_checks") == 0);
}

TEST_CASE("contract: probe: NATS, and consumers that are behind") {
  if (!test::has_service("PRISM_TEST_NATS")) return;
  const test::PrivateServer server("nats");
  const std::string url = server.value("PRISM_TEST_NATS");
  test::NatsClient client(url);
  client.add_stream("ORDERS", {});
  client.add_consumer("ORDERS", "worker");
  for (int i = 0; i < 3; ++i) client.publish("ORDERS", "x");
  const auto seen = look(url);
  require_good(seen);
  CHECK(value_of(seen.reading, "streams") == 1);
  CHECK(value_of(seen.reading, "pending", "ORDERS/worker") == 3);
}

TEST_CASE("contract: probe: gRPC, with and without TLS") {
  if (!test::has_service("PRISM_TEST_GRPC")) return;
  for (const char* const variable : {"PRISM_TEST_GRPC", "PRISM_TEST_GRPC_TLS"}) {
    CAPTURE(variable);
    const std::string url = test::service(variable).value();
    const auto seen = look(url);
    CHECK(seen.up);
    CHECK(seen.reading.state == State::ok);
    CHECK(notes_say(seen.reading, "serving"));
    CHECK(look(url + "/good").reading.state == State::ok);
    const auto bad = look(url + "/bad");
    CHECK(bad.up);
    CHECK(bad.reading.problems == std::vector<std::string>{"'bad' is not serving"});
    const auto unknown = look(url + "/unknown");
    CHECK_FALSE(unknown.up);
    CHECK(unknown.reading.state == State::critical);
  }
}

TEST_CASE("contract: probe: gRPC at a server with TLS that is not trusted, or none") {
  if (!test::has_service("PRISM_TEST_GRPC")) return;
  const std::string tls = test::service("PRISM_TEST_GRPC_TLS").value();
  CHECK_FALSE(look("grpc" + tls.substr(tls.find("://"))).up);
  const std::string plain = test::service("PRISM_TEST_GRPC").value();
  CHECK_FALSE(look("grpcs" + plain.substr(plain.find("://"))).up);
  CHECK_FALSE(look("http" + plain.substr(plain.find("://"))).up);
}

TEST_CASE("contract: probe: an SQLite file, and one that is damaged") {
  const test::Folder folder;
  const std::string file = folder / "a.db";
  sqlite3* made = nullptr;
  sqlite3_open(file.c_str(), &made);
  sqlite3_exec(made,
               "CREATE TABLE t (a UNIQUE); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
               "SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT 'row ' || i FROM n",
               nullptr, nullptr, nullptr);
  sqlite3_close(made);
  const auto seen = look(file, Depth::deep);
  require_good(seen);
  CHECK(value_of(seen.reading, "wal_size") == 0);
  CHECK(notes_say(seen.reading, "integrity ok"));
  std::fstream damage(file, std::ios::in | std::ios::out | std::ios::binary);
  damage.seekp(3 * 4096 + 100);
  damage << std::string(2000, 'x');
  damage.close();
  CHECK(look(file).reading.state == State::ok);
  CHECK(look(file, Depth::deep).reading.state == State::critical);
  CHECK_FALSE(look(folder / "none.db").up);
}

TEST_CASE("contract: probe: a server that says nothing costs its time limit") {
  const test::HttpServer server([](const test::HttpRequest&) { return std::string(); });
  test::TcpProxy silent(server.url().substr(std::string("http://").size()));
  silent.stall();
  const std::string there = silent.address();
  for (const std::string& url :
       {"postgresql://u@" + there + "/d", "redis://" + there, "bolt://" + there,
        "consul://" + there, "nats://" + there, "http://" + there, "grpc://" + there,
        "s3://bucket?endpoint=http://" + there}) {
    CAPTURE(url);
    const auto seen = look(url, Depth::normal, {}, std::chrono::seconds(1));
    CHECK_FALSE(seen.up);
    CHECK(seen.latency.count() > 0.9);
    CHECK(seen.latency.count() < 20);
    CHECK_FALSE(seen.reading.problems.empty());
  }
}

}  // namespace prism
