#include "support/redis.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/services.hpp"

namespace prism::test {
namespace {

/// A store of seven facts, and a database of Redis.
struct Scene {
  Scene() {
    cli.write("a.csv", table({"5001,6001,1146,6002", "5002,6001,1146,6003", "5003,6002,1146,7000",
                              "5004,6003,1726,7000", "5005,6001,1190,7000"}));
  }

  Ended run(Words words, const Variables& variables = {}) const {
    words.insert(words.end(), {"--store", "t.db", "--cache", redis.url()});
    return cli(words, variables);
  }
  Json json(Words words) const {
    words.insert(words.end(), {"--store", "t.db", "--cache", redis.url()});
    return cli.json(words);
  }

  void check_cache() {
    RedisCli seen(redis.url());
    CHECK(seen.sorted({"SMEMBERS", "rlc:entity:6001:facts"}) == Words{"5001", "5002", "5005"});
    CHECK(seen.sorted({"SMEMBERS", "rlc:entity:7000:subtypes"}) == Words{"6001", "6002", "6003"});
    Words lineage;
    const auto list = seen({"LRANGE", "rlc:entity:6001:lineage", "0", "-1"});
    for (const auto& item : list->items) {
      lineage.push_back(item->text);
    }
    CHECK(lineage == Words{"6001", "6002", "6003", "7000"});
    CHECK(seen.text({"HGET", "rlc:cache:meta", "lineage_members"}) == "8");
  }

  Cli cli;
  RedisDatabase redis{"PRISM_TEST_REDIS"};
};

}  // namespace

TEST_CASE("cli: redis: seed fills the cache, status tells of it, a dry run finds no difference") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  CHECK(scene.run({"seed", "a.csv"}).code == 0);
  scene.check_cache();
  const Ended status = scene.run({"status"});
  CHECK(status.code == 0);
  CHECK(missing_in(status.out, {scene.redis.url(), "facts 4 keys, 10 members"}) == "");
  const Ended dry = scene.run({"rebuild-cache", "--dry-run"});
  CHECK(dry.code == 0);
  CHECK(missing_in(dry.out, {"nothing was written: 0 of 10 keys differ"}) == "");
}

TEST_CASE("cli: redis: a rebuild repairs what differs and touches no other key") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  CHECK(scene.run({"seed", "a.csv"}).code == 0);
  RedisCli seen(scene.redis.url());
  seen({"SADD", "rlc:entity:99:facts", "1"});
  seen({"DEL", "rlc:entity:6001:lineage"});
  seen({"SET", "rlc:entity:6001:facts", "a string"});
  seen({"SADD", "rlc:entity:7000:subtypes", "99"});
  const Words others{"rlc:minFreeEntityUID", "rlc:910036:prompts:info", "rlc:entity:6001:names",
                     "session:1"};
  for (const std::string& key : others) seen({"SET", key, "kept"});
  Json dry = scene.json({"rebuild-cache", "--dry-run"});
  CHECK(dry["stale"] == 1);
  CHECK(dry["missing"] == 1);
  CHECK(dry["changed"] == 2);  // one holds what is no value of the cache
  CHECK(seen.text({"GET", "rlc:entity:6001:facts"}) == "a string");
  CHECK(scene.run({"rebuild-cache"}).code == 0);
  scene.check_cache();
  CHECK(seen.integer({"EXISTS", "rlc:entity:99:facts"}) == 0);
  for (const std::string& key : others) CHECK(seen.text({"GET", key}) == "kept");
  CHECK(seen.integer({"DBSIZE"}) == 10 + 1 + 4);
}

TEST_CASE("cli: redis: --only rebuilds a family, and an unfinished one is told by status") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  CHECK(scene.run({"seed", "a.csv"}).code == 0);
  RedisCli seen(scene.redis.url());
  seen({"HSET", "rlc:cache:meta", "unfinished_facts", "2026-11-21T10:00:00Z"});
  const Ended status = scene.run({"status"});
  CHECK(status.code == 1);
  CHECK(missing_in(status.out, {"begun 2026-11-21T10:00:00Z, did not come to its end"}) == "");
  CHECK(scene.json({"status"})["cache"]["unfinished"] == "2026-11-21T10:00:00Z");
  CHECK(scene.run({"rebuild-cache", "--only", "lineage"}).code == 0);
  CHECK(scene.run({"status"}).code == 1);
  CHECK(scene.run({"rebuild-cache", "--only", "facts"}).code == 0);
  CHECK(scene.run({"status"}).code == 0);
}

TEST_CASE("cli: redis: --swap exchanges databases, and says why where it doesn't") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  CHECK(scene.run({"seed", "a.csv"}).code == 0);
  CHECK(scene.run({"rebuild-cache", "--swap"}).code == 0);
  scene.check_cache();
  RedisCli seen(scene.redis.url());
  CHECK(seen.integer({"DBSIZE"}) == 11);
  CHECK(scene.run({"status"}).code == 0);
  const Ended part = scene.run({"rebuild-cache", "--swap", "--only", "facts"});
  CHECK(part.code == 64);
  seen({"SET", "session:1", "x"});
  const Ended refused = scene.run({"rebuild-cache", "--swap"});
  CHECK(refused.code == 73);
  CHECK(missing_in(refused.err, {"more than the cache, such as the key session:1",
                                 "HINT: without --swap"}) == "");
  CHECK(scene.cli({"rebuild-cache", "--swap", "--store", "t.db"}).code == 64);
}

TEST_CASE("cli: redis: a cache that can't be reached is critical for status, 69 for a rebuild") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,6002"}));
  REQUIRE(cli({"import", "a.csv", "--store", "t.db"}).code == 0);
  const Words where{"--store", "t.db", "--cache", "redis://me:s3cret@127.0.0.1:1/0"};
  Words words{"status"};
  words.insert(words.end(), where.begin(), where.end());
  const Ended status = cli(words);
  CHECK(status.code == 2);
  CHECK(missing_in(status.out, {"critical", "redis://me:***@127.0.0.1:1/0: can't be reached",
                                "127.0.0.1:1: cannot connect: Connection refused"}) == "");
  CHECK((status.out + status.err).find("s3cret") == std::string::npos);
  Json json = cli.json(words);
  CHECK(json["state"] == "critical");
  CHECK(json["cache"]["reachable"] == false);
  words[0] = "rebuild-cache";
  CHECK(cli(words).code == 69);
}

TEST_CASE("cli: redis: the password is shown nowhere") {
  if (!has_service("PRISM_TEST_REDIS_ACL")) return;
  const std::string url = service("PRISM_TEST_REDIS_ACL").value();
  const RedisDatabase database("PRISM_TEST_REDIS_ACL");
  const auto address = redis::parse_address(url);
  const std::string& password = address.password.value();
  const std::string bare = "redis://" + address.user + "@" + address.endpoints[0].text() + "/5";
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,6002", "5002,6002,1146,6003"}));
  std::string said;
  const auto say = [&](Words words, const std::string& cache, const Variables& variables) {
    words.insert(words.end(), {"--log-level", "debug", "--store", "t.db", "--cache", cache});
    const Ended ended = cli(words, variables);
    said += ended.out + ended.err;
    return ended.code;
  };
  const std::string with_password = database.url();
  const Variables environment{{"REDIS_PASSWORD", password}};
  CHECK(say({"seed", "a.csv"}, with_password, {}) == 0);
  CHECK(say({"rebuild-cache"}, bare, environment) == 0);
  CHECK(say({"rebuild-cache"}, bare, {{"PRISM_REDIS_PASSWORD", password}}) == 0);
  CHECK(say({"status"}, with_password, {}) == 0);
  CHECK(say({"status", "--json"}, bare, environment) == 0);
  CHECK(say({"config"}, with_password, environment) == 0);
  CHECK(say({"config", "--json"}, with_password, environment) == 0);
  CHECK(say({"rebuild-cache"}, with_password + "9", {}) == 78);
  std::string wrong = with_password;
  wrong.replace(wrong.find(password), password.size(), password + "x");
  CHECK(say({"rebuild-cache"}, wrong, {}) == 77);
  CHECK(say({"status"}, wrong, {}) == 2);
  CHECK(said.find(password) == std::string::npos);
  for (const auto& file : std::filesystem::recursive_directory_iterator(cli.path())) {
    if (!file.is_regular_file()) continue;
    CAPTURE(file.path().string());
    CHECK(content_of(file.path()).find(password) == std::string::npos);
  }
}

TEST_CASE("cli: redis: REDIS_URL and PRISM_REDIS_ADDRESS name the cache") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  const Scene scene;
  const std::string url = scene.redis.url();
  CHECK(scene.cli({"seed", "a.csv", "--store", "t.db"}, {{"REDIS_URL", url}}).code == 0);
  RedisCli seen(url);
  CHECK(seen.integer({"DBSIZE"}) == 11);
  const Variables address{{"PRISM_REDIS_ADDRESS", url.substr(8)}};
  CHECK(scene.cli({"status", "--store", "t.db"}, address).code == 0);
}

}  // namespace prism::test
