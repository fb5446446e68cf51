#include <thread>

#include <doctest/doctest.h>

#include <prism/drivers/redis/redirection.hpp>
#include <prism/drivers/redis/room.hpp>
#include <prism/drivers/redis/topology.hpp>
#include <prism/drivers/redis/trouble.hpp>

#include "support/redis.hpp"
#include "support/services.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::redis {
namespace {

using cache::Family;
using Uids = std::vector<Uid>;

/// Opens the cache that a URL names, and rebuilds it with a few values.
void rebuild(const std::string& url, std::size_t keys = 3, Log* log = nullptr,
             std::chrono::seconds wait = std::chrono::seconds(0)) {
  test::Quiet quiet;
  drivers::OpenOptions options{.url = url, .access = Access::create};
  options.servers.wait = wait;
  const auto sink = drivers::open_cache(options, log ? *log : quiet.log(), quiet.cancel());
  sink->begin(cache::kFamilies);
  for (std::size_t i = 1; i <= keys; ++i) {
    sink->put(Family::facts, static_cast<Uid>(i), Uids{1, 2, static_cast<Uid>(i) + 2});
  }
  cache::Meta meta;
  meta.generation = 1;
  sink->commit(meta);
}

test::Thrown trouble_at(const std::string& url, std::size_t keys = 3) {
  return test::thrown_by([&] { rebuild(url, keys); });
}

std::string without_user(const std::string& url) {
  return url.substr(0, url.find("://") + 3) + url.substr(url.rfind('@') + 1);
}

}  // namespace

TEST_CASE("redis: every kind of error reply has words, an exit code and mostly a hint") {
  const auto code = [](const char* reply) { return trouble(reply, "h:1").code(); };
  CHECK(code("NOAUTH Authentication required.") == ErrorCode::permission);
  CHECK(code("WRONGPASS invalid username-password pair") == ErrorCode::permission);
  CHECK(code("NOPERM this user has no permissions to run the 'restore' command") ==
        ErrorCode::permission);
  CHECK(code("LOADING Redis is loading the dataset in memory") == ErrorCode::unavailable);
  CHECK(code("READONLY You can't write against a read only replica.") == ErrorCode::unavailable);
  CHECK(code("OOM command not allowed when used memory > 'maxmemory'.") == ErrorCode::io);
  CHECK(code("MISCONF Redis is configured to save RDB snapshots") == ErrorCode::io);
  CHECK(code("MASTERDOWN Link with MASTER is down") == ErrorCode::unavailable);
  CHECK(code("CLUSTERDOWN The cluster is down") == ErrorCode::unavailable);
  CHECK(code("ERR DB index is out of range") == ErrorCode::configuration);
  CHECK(code("ERR something new") == ErrorCode::internal);
  const Error unknown =
      trouble("ERR unknown command 'RESTORE', with args beginning with: 'secret'", "h:1");
  CHECK(unknown.code() == ErrorCode::configuration);
  CHECK(std::string(unknown.what()) == "h:1: ERR unknown command 'RESTORE'");
  CHECK(std::string(login_trouble("ERR unknown command 'AUTH', args: 'pw'", "h:1").what()) ==
        "h:1: AUTH was refused");
}

TEST_CASE("redis: redirections and slot maps are read, and refused when they are none") {
  const Redirection moved = redirection("MOVED 3999 127.0.0.1:6381", "other");
  CHECK(moved.slot == 3999);
  CHECK(moved.endpoint == Endpoint{.host = "127.0.0.1", .port = 6381});
  CHECK(redirection("ASK 1 :7", "other").endpoint == Endpoint{.host = "other", .port = 7});
  CHECK(redirection("ASK 1 ::1:7", "other").endpoint == Endpoint{.host = "::1", .port = 7});
  for (const char* const wrong :
       {"", "MOVED", "MOVED 1", "MOVED x h:1", "MOVED 99999 h:1", "MOVED 1 h", "MOVED 1 h:x"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(redirection(wrong, ""), Error);
  }
  ReplyReader reader;
  reader.feed("*1\r\n*4\r\n:0\r\n:16383\r\n*2\r\n$0\r\n\r\n:7001\r\n*2\r\n$1\r\nr\r\n:7002\r\n");
  const Topology topology = read_slots(*reader.next(), {.host = "asked", .port = 1});
  REQUIRE(topology.primaries.size() == 1);
  CHECK(topology.primaries[0].endpoint == Endpoint{.host = "asked", .port = 7001});
  CHECK(topology.primaries[0].replicated);
  CHECK(topology.owner(16383) == 0);
  reader.feed(
      "*1\r\n*3\r\n:0\r\n:99999999\r\n*1\r\n$1\r\nh\r\n*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\nh\r\n:"
      "1\r\n");
  CHECK_THROWS_AS(read_slots(*reader.next(), {}), Error);
  CHECK_THROWS_AS(read_slots(*reader.next(), {}), Error);  // most slots are served by nobody
}

TEST_CASE("redis: replies come in any pieces, and what is none is refused") {
  const std::string bytes = "+OK\r\n-ERR x\r\n:7\r\n$-1\r\n*2\r\n$3\r\na\r\n\r\n*1\r\n:1\r\n";
  for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
    ReplyReader reader;
    std::vector<std::unique_ptr<Reply>> replies;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      reader.feed(std::string_view(bytes).substr(at, piece));
      while (auto reply = reader.next()) replies.push_back(std::move(reply));
    }
    REQUIRE(replies.size() == 5);
    CHECK_FALSE(reader.within_reply());
    CHECK(replies[0]->text == "OK");
    CHECK(replies[1]->error_name() == "ERR");
    CHECK(replies[2]->integer == 7);
    CHECK(replies[3]->kind == Reply::Kind::nothing);
    CHECK(replies[4]->items[0]->text == "a\r\n");
    CHECK(replies[4]->items[1]->items[0]->integer == 1);
  }
  ReplyReader reader;
  reader.feed("HTTP/1.1 400 Bad Request\r\n");
  const auto thrown = test::thrown_by([&] { reader.next(); });
  CHECK(thrown.code == ErrorCode::unavailable);
  CHECK(thrown.says("no Redis answers there"));
  // A list that is said to be huge takes no room before its items have come.
  ReplyReader huge;
  huge.feed("*2000000000\r\n:1\r\n");
  CHECK(huge.next() == nullptr);
}

TEST_CASE("redis: INFO tells of memory, and the estimate warns once") {
  const ServerInfo info = read_info(
      "# Server\r\nredis_version:7.0.15\r\n# Memory\r\nused_memory:100\r\nmaxmemory:5000\r\n"
      "maxmemory_policy:allkeys-lru\r\n");
  CHECK(info.major == 7);
  CHECK(info.used == 100);
  CHECK(info.limit == 5000);
  CHECK(info.policy == "allkeys-lru");
  Room room(1000, std::nullopt);
  CHECK_FALSE(room.exceeded_by(10));
  CHECK(room.exceeded_by(1000));
  CHECK_FALSE(room.exceeded_by(1000));
  Room unlimited(std::nullopt, std::nullopt);
  CHECK_FALSE(unlimited.exceeded_by(1'000'000'000));
}

TEST_CASE("redis: users without password, right or the right password are told so") {
  if (!test::has_service("PRISM_TEST_REDIS_ACL")) return;
  const std::string full = test::service("PRISM_TEST_REDIS_ACL").value();
  const auto open = trouble_at(without_user(full) + "/6");
  CHECK(open.code == ErrorCode::permission);
  CHECK(open.says("asks for a password"));
  CHECK(open.hint.find("REDIS_PASSWORD") != std::string::npos);
  const auto wrong = trouble_at("redis://prism_full:s3cret@" + without_user(full).substr(8));
  CHECK(wrong.code == ErrorCode::permission);
  CHECK(wrong.says("not accepted (WRONGPASS)"));
  CHECK_FALSE(wrong.says("s3cret"));
  const auto reader = trouble_at(test::service("PRISM_TEST_REDIS_ACL_READONLY").value() + "/6");
  CHECK(reader.code == ErrorCode::permission);
  CHECK(reader.says("a right is missing"));
}

TEST_CASE("redis: a password where none is set, and a database that isn't there, are told") {
  if (!test::has_service("PRISM_TEST_REDIS")) return;
  const std::string plain = test::service("PRISM_TEST_REDIS").value();
  const auto user = trouble_at("redis://nobody:s3cret@" + plain.substr(8));
  CHECK(user.code == ErrorCode::permission);
  CHECK_FALSE(user.says("s3cret"));
  const auto alone = trouble_at("redis://:s3cret@" + plain.substr(8));
  CHECK(alone.code == ErrorCode::permission);
  CHECK(alone.says("this user has none"));
  const auto number = trouble_at(plain + "/99999");
  CHECK(number.code == ErrorCode::configuration);
  CHECK(number.says("no database of that number"));
  const auto cluster = trouble_at("redis+cluster://" + plain.substr(8));
  CHECK(cluster.code == ErrorCode::configuration);
  CHECK(cluster.says("is not a node of a Redis Cluster"));
}

TEST_CASE("redis: a replica and a full server are told, and the latter warns beforehand") {
  if (!test::has_service("PRISM_TEST_REDIS")) return;
  const test::PrivateServer own("redis");
  const std::string url = own.value("PRISM_TEST_REDIS");
  test::RedisCli cli(url);
  const test::Folder folder;
  cli({"CONFIG", "SET", "maxmemory", "30mb"});
  cli({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
  {
    test::Quiet quiet(folder / "log");
    const auto full = test::thrown_by([&] { rebuild(url, 400'000, &quiet.log()); });
    CHECK(full.code == ErrorCode::io);
    CHECK(full.says("no memory left for the cache (OOM"));
  }
  CHECK(test::content_of(folder / "log").find("will probably not fit into its maxmemory") !=
        std::string::npos);
  cli({"CONFIG", "SET", "maxmemory", "1gb"});
  cli({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  {
    test::Quiet quiet(folder / "log2");
    rebuild(url, 3, &quiet.log());
  }
  CHECK(test::content_of(folder / "log2").find("maxmemory-policy is allkeys-lru") !=
        std::string::npos);
  cli({"REPLICAOF", "127.0.0.1", "1"});
  const auto replica = trouble_at(url);
  CHECK(replica.code == ErrorCode::unavailable);
  CHECK(replica.says("READONLY"));
}

TEST_CASE("redis: a server that is loading its data is waited for") {
  if (!test::has_service("PRISM_TEST_REDIS")) return;
  const test::PrivateServer own("redis");
  const std::string url = own.value("PRISM_TEST_REDIS");
  rebuild(url, 3000);
  {
    test::RedisCli cli(url);
    cli({"CONFIG", "SET", "key-load-delay", "500"});
    cli({"CONFIG", "SET", "loading-process-events-interval-bytes", "1024"});
  }
  std::jthread reload([&] {
    test::RedisCli cli(url);
    cli({"DEBUG", "RELOAD"});
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK_NOTHROW(rebuild(url, 3, nullptr, std::chrono::seconds(60)));
}

}  // namespace prism::redis
