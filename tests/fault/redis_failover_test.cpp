#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

#include <doctest/doctest.h>

#include <prism/drivers/redis/keys.hpp>

#include "support/redis.hpp"
#include "support/services.hpp"
#include "support/temporary.hpp"

namespace prism::test {
namespace {

using cache::Family;
using Uids = std::vector<Uid>;

constexpr Uid kKeys = 6000;  ///< of each family

/// What a key holds in a generation; always something, and never the same in two.
Uids value_of(Family family, Uid entity, std::int64_t generation) {
  Uids value;
  const Uid count = 1 + entity % 9 + static_cast<Uid>(family);
  for (Uid i = 0; i < count; ++i) value.push_back(generation * 1'000'000'000 + entity * 20 + i);
  if (family == Family::lineage) std::reverse(value.begin(), value.end());
  return value;
}

/// `midway` is called once half of the keys have been put.
void rebuild(cache::CacheSink& sink, std::int64_t generation,
             const std::function<void()>& midway = {}) {
  sink.begin(cache::kFamilies);
  for (const Family family : cache::kFamilies) {
    for (Uid entity = 1; entity <= kKeys; ++entity) {
      if (family == Family::lineage && entity == kKeys / 2 && midway) midway();
      sink.put(family, entity, value_of(family, entity, generation));
    }
  }
  cache::Meta meta;
  meta.generation = generation;
  sink.commit(meta);
}

std::vector<Uids> read(cache::CacheSink& sink, Family family, Uid first, Uid count) {
  Uids entities;
  for (Uid i = 0; i < count; ++i) entities.push_back(first + i);
  auto values = sink.read_all(family, entities);
  if (family != Family::lineage) {
    for (Uids& value : values) std::sort(value.begin(), value.end());
  }
  return values;
}

/// How many keys do not hold what the generation put there.
std::size_t wrong_keys(cache::CacheSink& sink, std::int64_t generation) {
  std::size_t wrong = 0;
  for (const Family family : cache::kFamilies) {
    const auto values = read(sink, family, 1, kKeys);
    for (Uid entity = 1; entity <= kKeys; ++entity) {
      if (values[static_cast<std::size_t>(entity - 1)] != value_of(family, entity, generation)) {
        ++wrong;
      }
    }
  }
  return wrong;
}

/// Reads all keys again and again; each must hold a whole value of one of the generations.
class Reader {
 public:
  Reader(cache::CacheSink& sink, std::int64_t generations)
      : thread_([this, &sink, generations](const std::stop_token& stop) {
          while (!stop.stop_requested()) look(sink, generations);
        }) {}

  void stop() {
    thread_.request_stop();
    thread_.join();
  }

  std::atomic<std::size_t> wrong{0}, rounds{0};

 private:
  void look(cache::CacheSink& sink, std::int64_t generations) {
    constexpr Uid kTogether = 500;
    for (const Family family : cache::kFamilies) {
      for (Uid first = 1; first <= kKeys; first += kTogether) {
        const auto values = read(sink, family, first, kTogether);
        for (Uid i = 0; i < kTogether; ++i) {
          if (!is_whole(family, first + i, values[static_cast<std::size_t>(i)], generations)) {
            ++wrong;
          }
        }
      }
    }
    ++rounds;
  }

  static bool is_whole(Family family, Uid entity, const Uids& value, std::int64_t generations) {
    for (std::int64_t generation = 1; generation <= generations; ++generation) {
      if (value == value_of(family, entity, generation)) return true;
    }
    return false;
  }

  std::jthread thread_;
};

void read_through_ten_rebuilds(const std::string& variable) {
  if (!has_service(variable)) return;
  RedisDatabase database(variable);
  const auto sink = database.open();
  rebuild(*sink, 1);
  const auto seen_by_reader = database.open();
  Reader reader(*seen_by_reader, 11);
  for (std::int64_t generation = 2; generation <= 11; ++generation) rebuild(*sink, generation);
  reader.stop();
  CHECK(reader.wrong == 0);
  CHECK(reader.rounds > 0);
  CHECK(wrong_keys(*sink, 11) == 0);
}

/// Until its replica holds all that the server was told before, such as whose the rebuild is: that
/// a server that dies takes some of it along is no news.
void await_replica(RedisCli server) {
  for (int i = 0; server.text({"SET", "told:" + std::to_string(i), "1"}) != "OK"; ++i) continue;
  CHECK(server.integer({"WAIT", "1", "30000"}) == 1);
}

struct OwnCluster {
  OwnCluster() : own("redis-cluster"), url(own.value("PRISM_TEST_REDIS_CLUSTER")) {
    const auto address = redis::parse_address(url);
    nodes = address.endpoints;
  }

  std::unique_ptr<cache::CacheSink> open() {
    return drivers::open_cache({.url = url, .access = Access::create}, quiet.log(), quiet.cancel());
  }
  RedisCli node(std::size_t number) const {
    return RedisCli("redis://" + nodes[number - 1].text());
  }
  std::string id_of(std::size_t number) const { return node(number).text({"CLUSTER", "MYID"}); }

  /// A replica that is told to take over gives up where the others don't vote for it in time: then
  /// it is told again.
  bool becomes_primary(std::size_t number) const {
    constexpr int kTold = 10, kAsked = 150;
    for (int i = 0; i < kTold * kAsked; ++i) {
      if (node(number)({"ROLE"})->item_text(0) == "master") return true;
      if (i % kAsked == 0) node(number)({"CLUSTER", "FAILOVER"});
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  bool told(const std::string& words) const {
    return content_of(folder / "log").find(words) != std::string::npos;
  }

  Folder folder;
  Quiet quiet{folder / "log"};
  PrivateServer own;
  std::string url;
  std::vector<Endpoint> nodes;
};

}  // namespace

TEST_CASE("fault: redis: a reader sees whole values all through ten rebuilds") {
  read_through_ten_rebuilds("PRISM_TEST_REDIS");
}

TEST_CASE("fault: redis: a reader sees whole values all through ten rebuilds by transactions") {
  read_through_ten_rebuilds("PRISM_TEST_REDIS_ACL_NORESTORE");
}

TEST_CASE("fault: redis: a reader of a cluster sees whole values all through ten rebuilds") {
  read_through_ten_rebuilds("PRISM_TEST_REDIS_CLUSTER");
}

TEST_CASE("fault: redis: a primary of the cluster dies during a rebuild") {
  if (!has_service("PRISM_TEST_REDIS_CLUSTER")) return;
  OwnCluster cluster;
  const auto sink = cluster.open();
  rebuild(*sink, 1);
  rebuild(*sink, 2, [&] {
    await_replica(cluster.node(1));
    cluster.own.kill("redis-cluster/1");
  });
  CHECK(cluster.told("what it held will be written again"));
  const auto seen = cluster.open();
  CHECK(wrong_keys(*seen, 2) == 0);
  for (const Family family : cache::kFamilies) CHECK(seen->keys(family) == kKeys);
  CHECK(seen->meta()->generation == 2);
  CHECK(seen->meta()->unfinished.empty());
  cluster.own.restart("redis-cluster/1");
  rebuild(*cluster.open(), 3);
  CHECK(wrong_keys(*cluster.open(), 3) == 0);
}

TEST_CASE("fault: redis: replica and primary of a cluster change places during a rebuild") {
  if (!has_service("PRISM_TEST_REDIS_CLUSTER")) return;
  OwnCluster cluster;
  const auto sink = cluster.open();
  rebuild(*sink, 1);
  rebuild(*sink, 2, [&] {
    for (std::size_t number = 4; number <= 6; ++number) CHECK(cluster.becomes_primary(number));
  });
  CHECK(cluster.told("slots again"));
  CHECK(wrong_keys(*cluster.open(), 2) == 0);
  CHECK(cluster.open()->keys(Family::lineage) == kKeys);
}

TEST_CASE("fault: redis: keys of a slot that is being moved follow it") {
  if (!has_service("PRISM_TEST_REDIS_CLUSTER")) return;
  OwnCluster cluster;
  const auto sink = cluster.open();
  std::string key;
  const std::string name(redis::write_key(key, Family::facts, 17));
  const std::string slot = std::to_string(redis::slot_of(name));
  // Of the three primaries one has the slot, another is to get it.
  const auto owns = [&](std::size_t number) {
    return cluster.node(number)({"TYPE", name})->error_name() != "MOVED";
  };
  std::size_t from = 1;
  while (!owns(from)) ++from;
  const std::size_t to = from % 3 + 1;
  CHECK(cluster.node(to).text({"CLUSTER", "SETSLOT", slot, "IMPORTING", cluster.id_of(from)}) ==
        "OK");
  CHECK(cluster.node(from).text({"CLUSTER", "SETSLOT", slot, "MIGRATING", cluster.id_of(to)}) ==
        "OK");
  rebuild(*sink, 1);
  CHECK(cluster.told("slots again"));
  CHECK(wrong_keys(*sink, 1) == 0);
  rebuild(*cluster.open(), 2);
  CHECK(wrong_keys(*cluster.open(), 2) == 0);
}

TEST_CASE("fault: redis: the primary behind Sentinels dies during a rebuild") {
  if (!has_service("PRISM_TEST_REDIS_SENTINEL")) return;
  const PrivateServer own("redis-sentinel");
  const std::string sentinels = own.value("PRISM_TEST_REDIS_SENTINEL");
  const std::string master = own.value("PRISM_TEST_REDIS_SENTINEL_MASTER");
  Quiet quiet;
  const drivers::OpenOptions options{.url = "redis+sentinel://" + sentinels + "/" + master + "/2",
                                     .access = Access::create};
  const auto sink = drivers::open_cache(options, quiet.log(), quiet.cancel());
  rebuild(*sink, 1);
  rebuild(*sink, 2, [&] {
    RedisCli sentinel("redis://" + sentinels.substr(0, sentinels.find(',')));
    const auto primary = sentinel({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", master});
    await_replica(RedisCli("redis://" + primary->items[0]->text + ":" + primary->items[1]->text));
    own.kill("redis-sentinel/primary");
  });
  const auto seen = drivers::open_cache(options, quiet.log(), quiet.cancel());
  CHECK(wrong_keys(*seen, 2) == 0);
  CHECK(seen->meta()->generation == 2);
}

}  // namespace prism::test
