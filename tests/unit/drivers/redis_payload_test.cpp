#include <algorithm>
#include <numeric>

#include <doctest/doctest.h>

#include <prism/drivers/redis/checksum.hpp>
#include <prism/drivers/redis/keys.hpp>
#include <prism/drivers/redis/value_writer.hpp>

#include "support/redis.hpp"
#include "support/services.hpp"

namespace prism::redis {
namespace {

using cache::Family;
using Uids = std::vector<Uid>;

/// `count` members from `first` on, `step` apart.
Uids members(std::size_t count, Uid first, Uid step = 1) {
  Uids all(count);
  for (std::size_t i = 0; i < count; ++i) all[i] = first + static_cast<Uid>(i) * step;
  return all;
}

/// A database of the real server, where values are written and read back.
class Server {
 public:
  explicit Server(const std::string& variable)
      : database_(variable), connection_(connect()), writer_(true), by_commands_(false) {}

  /// Its first trouble; empty: the value is there, as it was written.
  std::string trouble_with(Family family, const Uids& value, bool restore = true) {
    std::string bytes, key;
    const std::string name(write_key(key, family, 7));
    ValueWriter& writer = restore ? writer_ : by_commands_;
    const std::size_t replies = writer.append(bytes, family, name, value);
    connection_.send(bytes);
    for (std::size_t i = 0; i < replies; ++i) {
      if (const auto reply = connection_.receive(); reply->is_error()) return reply->text;
    }
    return same(read(family, name), value) ? "" : "another value was read back";
  }

  std::string encoding(Family family) {
    std::string key;
    return connection_.ask({"OBJECT", "ENCODING", write_key(key, family, 7)})->text;
  }

  std::unique_ptr<Reply> ask(Connection::Words words) { return connection_.ask(words); }

 private:
  Connection connect() {
    const Address address = parse_address(database_.url());
    return {address.endpoints.front(), Login(address, {}), database_.quiet().cancel()};
  }

  Uids read(Family family, const std::string& key) {
    const bool list = family == Family::lineage;
    const auto reply =
        list ? connection_.ask({"LRANGE", key, "0", "-1"}) : connection_.ask({"SMEMBERS", key});
    Uids all;
    for (const auto& item : reply->items) all.push_back(std::stoll(item->text));
    if (!list) std::sort(all.begin(), all.end());
    return all;
  }

  static bool same(const Uids& a, const Uids& b) { return a == b; }

  test::RedisDatabase database_;
  Connection connection_;
  ValueWriter writer_, by_commands_;
};

}  // namespace

TEST_CASE("redis: checksums have the values that Redis documents") {
  CHECK(crc64("123456789") == 0xe9c6d914c4b8d9ca);
  CHECK(crc64("") == 0);
  CHECK(crc16("123456789") == 0x31c3);
  CHECK(slot_of("foo") == 12182);
  CHECK(slot_of("rlc:cache:meta") < kSlots);
}

TEST_CASE("redis: keys of the cache are told from all others") {
  std::string buffer;
  CHECK(write_key(buffer, Family::lineage, 910036) == "rlc:entity:910036:lineage");
  const auto key = parse_key("rlc:entity:910036:subtypes");
  REQUIRE(key.has_value());
  CHECK(key->entity == 910036);
  CHECK(key->family == Family::subtypes);
  for (const char* const other :
       {"rlc:minFreeEntityUID", "rlc:910036:prompts:info", "rlc:entity:", "rlc:entity:1",
        "rlc:entity:1:", "rlc:entity:x:facts", "rlc:entity:01:facts", "rlc:entity:-1:facts",
        "rlc:entity:1:facts:", "rlc:entity:1:names", "rlc:cache:meta",
        "rlc:entity:99999999999999999999:facts", "xrlc:entity:1:facts"}) {
    CAPTURE(other);
    CHECK_FALSE(parse_key(other).has_value());
  }
}

TEST_CASE("redis: values of any size and width are what the server reads from a payload") {
  if (!test::has_service("PRISM_TEST_REDIS")) return;
  Server server("PRISM_TEST_REDIS");
  // The first members lie below, at and above the limits of 7, 12, 15, 16, 23, 24, 31 and 32 bits.
  constexpr Uid kFirst[] = {1,      120,       127,           4090,          32'760,
                            65'530, 8'388'600, 2'147'483'640, 4'294'967'290, kGreatestUid - 600};
  for (const Uid first : kFirst) {
    CAPTURE(first);
    for (std::size_t count = 1; count <= 600; count += count < 70 ? 1 : 53) {
      CAPTURE(count);
      const Uids value = members(count, first);
      CHECK(server.trouble_with(Family::facts, value) == "");
      Uids line = value;
      std::reverse(line.begin(), line.end());
      CHECK(server.trouble_with(Family::lineage, line) == "");
    }
  }
}

TEST_CASE("redis: large values are what the server reads from a payload, and encodes as its own") {
  if (!test::has_service("PRISM_TEST_REDIS")) return;
  Server server("PRISM_TEST_REDIS");
  CHECK(server.trouble_with(Family::facts, members(512, 100'000)) == "");
  CHECK(server.encoding(Family::facts) == "intset");
  CHECK(server.trouble_with(Family::facts, members(513, 100'000)) == "");
  CHECK(server.encoding(Family::facts) == "hashtable");
  for (const std::size_t count : {1637, 1638, 5000, 70'000, 400'000}) {
    CAPTURE(count);
    CHECK(server.trouble_with(Family::subtypes, members(count, 100'000, 3)) == "");
    CHECK(server.encoding(Family::subtypes) == "hashtable");
    CHECK(server.trouble_with(Family::lineage, members(count, 2'000'000'000, 7)) == "");
    CHECK(server.encoding(Family::lineage) == "quicklist");
  }
  // As if the server itself had read it from a file, with every check that it knows.
  CHECK(server.ask({"CONFIG", "SET", "sanitize-dump-payload", "yes"})->text == "OK");
  CHECK(server.trouble_with(Family::lineage, members(70'000, 1, 977)) == "");
  CHECK(server.trouble_with(Family::facts, members(400, 1, 97'777'777)) == "");
  CHECK(server.ask({"CONFIG", "SET", "sanitize-dump-payload", "no"})->text == "OK");
  CHECK(server.ask({"DEBUG", "RELOAD"})->text == "OK");
}

TEST_CASE("redis: values are written by commands where RESTORE is not to be had") {
  if (!test::has_service("PRISM_TEST_REDIS")) return;
  Server server("PRISM_TEST_REDIS");
  for (const std::size_t count : {1, 2, 999, 1000, 1001, 70'000}) {
    CAPTURE(count);
    CHECK(server.trouble_with(Family::facts, members(count, 95, 31), false) == "");
    CHECK(server.trouble_with(Family::lineage, members(count, 95, 31), false) == "");
  }
}

TEST_CASE("redis: a set that does not ascend is a bug, not a value") {
  std::string out;
  ValueWriter writer(true);
  CHECK_THROWS_AS(writer.append(out, Family::facts, "k", Uids{2, 1}), Error);
  CHECK_THROWS_AS(writer.append(out, Family::facts, "k", Uids{2, 2}), Error);
}

}  // namespace prism::redis
