#include <doctest/doctest.h>

#include <prism/drivers/redis/hash_slot.hpp>
#include <prism/drivers/redis/key_set.hpp>
#include <prism/drivers/redis/lzf.hpp>
#include <prism/drivers/redis/rdb_reader.hpp>
#include <prism/drivers/redis/rdb_survey.hpp>

#include "support/rdb_builder.hpp"
#include "support/text_stream.hpp"
#include "support/thrown.hpp"

namespace prism::redis {
namespace {

using test::raw;
using test::rdb_key;
using test::rdb_of;
using test::rdb_string;
using test::small_length;
using test::TextSink;
using test::TextSource;

/// Writes down what it is told.
class Witness : public RdbVisitor {
 public:
  void version(unsigned number) override { told += "version " + std::to_string(number) + "\n"; }
  void aux(std::string_view name, std::string_view value) override {
    told += "aux " + std::string(name) + "=" + std::string(value) + "\n";
  }
  void function(const std::string& code) override { told += "function " + code + "\n"; }
  ByteSink* key(const RdbKey&) override {
    value_ = {};
    return &value_;
  }
  void value(const RdbKey& key, std::uint64_t size) override {
    told += "db" + std::to_string(key.database) + " " + key.name + " type " +
            std::to_string(key.type) + " " + std::to_string(size) + " bytes";
    if (key.expires) told += " expires " + std::to_string(*key.expires);
    if (key.idle) told += " idle " + std::to_string(*key.idle);
    if (key.frequency) told += " frequency " + std::to_string(*key.frequency);
    told += "\n";
    CHECK(size == value_.text().size());
    last_value = value_.text();
  }

  std::string told, last_value;

 private:
  TextSink value_;
};

void read(const std::string& rdb, RdbVisitor& visitor, std::size_t piece = 7) {
  const Cancel cancel;
  TextSource source(rdb, piece);
  read_rdb(source, visitor, cancel);
}

std::string told_of(const std::string& rdb) {
  Witness witness;
  read(rdb, witness);
  return witness.told;
}

test::Thrown refusal_of(const std::string& rdb) {
  return test::thrown_by([&] { told_of(rdb); });
}

/// Whether a value is taken up to its last byte, and refused when cut.
void check_value(std::uint8_t type, const std::string& value) {
  CAPTURE(int{type});
  Witness witness;
  read(rdb_of(rdb_key(type, "key", value) + rdb_key(0, "next", rdb_string("x"))), witness);
  CHECK(witness.told == "version 10\ndb0 key type " + std::to_string(type) + " " +
                            std::to_string(value.size()) + " bytes\ndb0 next type 0 2 bytes\n");
  Witness alone;
  read(rdb_of(rdb_key(type, "key", value)), alone, 1);
  CHECK(alone.last_value == value);
  for (std::size_t size = 0; size < value.size(); ++size) {
    CHECK(refusal_of("REDIS0010" + rdb_key(type, "key", value.substr(0, size))).code ==
          ErrorCode::bad_data);
  }
}

const std::string kTime = raw(std::uint64_t{4102444800123});
const std::string kId(16, '\1');

std::string stream(int version) {
  std::string value = small_length(1) + rdb_string(kId) + rdb_string("listpack");
  value += std::string(version >= 2 ? 8 : 3, '\2');
  value += small_length(1) + rdb_string("group") + std::string(version >= 2 ? 3 : 2, '\3');
  value += small_length(1) + kId + kTime + small_length(5);
  value += small_length(1) + rdb_string("consumer") + kTime + (version >= 3 ? kTime : "");
  return value + small_length(1) + kId;
}

/// The number of a module type of that name, version 1.
std::uint64_t module_number(std::string_view name) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::uint64_t number = 0;
  for (const char letter : name) number = number << 6 | kLetters.find(letter);
  return number << 10 | 1;
}

std::string length64(std::uint64_t length) { return '\x81' + raw(__builtin_bswap64(length)); }

/// A signed and an unsigned number, a float, a double, a string, the end.
std::string module_parts() {
  return std::string("\1\5\2\5\3") + "ffff" + '\4' + "dddddddd" + '\5' + rdb_string("text") +
         std::string(1, '\0');
}

}  // namespace

TEST_CASE("redis rdb: every type of value is read to its end") {
  const std::string a = rdb_string("a"), b = rdb_string("b");
  const std::string two = small_length(2);
  check_value(0, a);
  check_value(1, two + a + b);
  check_value(2, two + a + b);
  check_value(3, two + a + "\x03" + "1.5" + b + "\xfe");
  check_value(4, two + a + b + b + a);
  check_value(5, two + a + "dddddddd" + b + "dddddddd");
  check_value(7, length64(module_number("ReJSON-RL")) + module_parts());
  for (const int type : {9, 10, 11, 12, 13, 16, 17, 20, 23}) {
    check_value(static_cast<std::uint8_t>(type), rdb_string("encoded"));
  }
  check_value(14, two + a + b);
  check_value(15, stream(1));
  check_value(18, two + "\1" + a + "\2" + b);
  check_value(19, stream(2));
  check_value(21, stream(3));
  check_value(22, two + "\1" + a + b + std::string(1, '\0') + b + a);
  check_value(24, kTime + two + "\1" + a + b + std::string(1, '\0') + b + a);
  check_value(25, kTime + rdb_string("encoded"));
}

TEST_CASE("redis rdb: strings and lengths of every form") {
  check_value(0, std::string("\xc0\x85", 2));
  check_value(0, std::string("\xc1\x85\x01", 3));
  check_value(0, std::string("\xc2\x85\x01\x02\x03", 5));
  check_value(0, std::string("\x40\x03", 2) + "abc");
  check_value(0, std::string("\x80\0\0\0\3", 5) + "abc");
  check_value(0, length64(3) + "abc");
  check_value(0, std::string("\xc3\x05\x0a\x00"
                             "a"
                             "\xe0\x00\x00",
                             8));
  for (const std::string& name : {std::string("\xc0\xff", 2), std::string("\xc1\x2e\xfb", 3),
                                  std::string("\xc2\x00\x00\x00\x80", 5),
                                  std::string("\xc3\x05\x0a\x00"
                                              "a"
                                              "\xe0\x00\x00",
                                              8)}) {
    const std::string told = told_of(rdb_of('\0' + name + rdb_string("x")));
    INFO(told);
    const bool known = told.find(" -1 type") != std::string::npos ||
                       told.find(" -1234 type") != std::string::npos ||
                       told.find(" -2147483648 type") != std::string::npos ||
                       told.find(" aaaaaaaaaa type") != std::string::npos;
    CHECK(known);
  }
}

TEST_CASE("redis rdb: what stands around the keys") {
  const std::string rdb = rdb_of(
      "\xfa" + rdb_string("redis-ver") + rdb_string("7.0.15") + "\xf5" +
      rdb_string("#!lua name=books\n") + "\xf7" + length64(module_number("graphdata")) + "\2\1" +
      module_parts() + "\xfe" + small_length(3) + "\xfb\2\1" + "\xf4\1\2\3" + "\xfc" +
      raw(std::int64_t{4102444800123}) + "\xf8\x07" + rdb_key(0, "one", rdb_string("x")) + "\xfd" +
      raw(std::int32_t{1'700'000'000}) + "\xf9\x09" + rdb_key(0, "two", rdb_string("x")) +
      rdb_key(0, "three", rdb_string("x")));
  CHECK(told_of(rdb) ==
        "version 10\naux redis-ver=7.0.15\nfunction #!lua name=books\n\n"
        "db3 one type 0 2 bytes expires 4102444800123 idle 7\n"
        "db3 two type 0 2 bytes expires 1700000000000 frequency 9\n"
        "db3 three type 0 2 bytes\n");
}

TEST_CASE("redis rdb: a survey counts, but for the record of a restore") {
  const std::string key = rdb_string("x");
  const std::string rdb = rdb_of(
      "\xf5" + rdb_string("#!lua name=books engine\nx") + "\xf5" +
      rdb_string("#!lua name=books\ny") + "\xf7" + length64(module_number("graphdata")) + "\2\1" +
      module_parts() + "\xfa" + rdb_string("used-mem") + rdb_string("123456") + "\xfe" +
      std::string(1, '\0') + rdb_key(0, "a", key) + rdb_key(0, "prismctl:restore", key) +
      "\xfe\x07" + rdb_key(0, "prismctl:restore", key) +
      rdb_key(7, "json", length64(module_number("ReJSON-RL")) + module_parts()));
  RdbSurvey survey;
  read(rdb, survey);
  const auto content = survey.content();
  CHECK(content.counts == backup::Counts{{"db0 keys", 1}, {"db7 keys", 2}, {"functions", 1}});
  CHECK(content.remarks.size() == 2);
  CHECK(survey.value_modules() == ModuleTypes{"ReJSON-RL"});
  CHECK(survey.used_memory() == 123456);
  CHECK(survey.all_keys() == 3);
}

TEST_CASE("redis rdb: what is no sound RDB is refused") {
  const std::string key = rdb_key(0, "a", rdb_string("x"));
  const std::string whole = rdb_of(key);
  struct Case {
    std::string rdb;
    const char* words;
  };
  const std::vector<Case> cases = {
      {"", "cut short, at byte 0"},
      {"REDIS", "cut short"},
      {std::string(64, 'x'), "no RDB: begins with 'xxxxxxxxx'"},
      {rdb_of(key, "REDISabcd"), "no RDB"},
      {rdb_of(key, "REDIS0004"), "RDB version 4"},
      {rdb_of(rdb_key(26, "a", "x"), "REDIS0013"),
       "unknown type 26, at byte 10, of RDB version 13"},
      {rdb_of(key, "VALKEY080"), "Valkey 9"},
      {whole + "x", "something follows"},
      {whole.substr(0, whole.size() - 1), "cut short"},
      {whole.substr(0, whole.size() - 8) + std::string(8, '\0'), "its checksum is another"},
      {rdb_of(rdb_key(6, "a", "x")), "release candidates of Redis 4.0"},
      {rdb_of(rdb_key(26, "a", "x")), "unknown type 26"},
      {rdb_of("\xf6"), "release candidates of Redis 7.0"},
      {rdb_of("\xf3"), "unknown type 243, at byte"},
      {rdb_of("\xfe\xc0"), "a length was expected"},
      {rdb_of(rdb_key(0, "a", "\xc4")), "no string is encoded as 4"},
      {rdb_of(rdb_key(18, "a", "\1\3")), "a list's node"},
      {rdb_of(rdb_key(7, "a", length64(1) + "\6")), "part of unknown kind"},
      {rdb_of('\0' + std::string("\xc3\x01\x0a\xff", 4)), "a compressed string is damaged"},
  };
  for (const Case& one : cases) {
    const auto refusal = refusal_of(one.rdb);
    INFO(refusal.message);
    CHECK(refusal.code == ErrorCode::bad_data);
    CHECK(refusal.says(one.words));
  }
}

TEST_CASE("redis rdb: a newer version that holds nothing new is read") {
  const std::string told = told_of(rdb_of(rdb_key(0, "a", rdb_string("x")), "REDIS0013"));
  CHECK(told == "version 13\ndb0 a type 0 2 bytes\n");
}

TEST_CASE("redis rdb: lengths that nothing stands behind cost nothing") {
  const std::string huge = length64(std::uint64_t{1} << 62);
  for (const std::string& parts :
       {rdb_key(0, "a", huge), rdb_key(4, "a", huge), rdb_key(14, "a", huge),
        rdb_key(15, "a", huge), '\0' + huge, "\xf5" + huge, "\xfa" + huge,
        rdb_key(0, "a", "\xc3" + huge + huge), '\0' + ("\xc3" + huge + huge)}) {
    CHECK(refusal_of(rdb_of(parts)).code == ErrorCode::bad_data);
  }
  const std::string bomb = "\xc3" + small_length(4) + length64(400'000'000) + "abcd";
  CHECK(refusal_of(rdb_of('\0' + bomb)).says("longer than it can be"));
  CHECK(refusal_of(rdb_of(rdb_key(0, "a", bomb))).says("longer than it can be"));
}

TEST_CASE("redis rdb: any flipped bit is found") {
  const std::string whole =
      rdb_of("\xfa" + rdb_string("redis-ver") + rdb_string("7.0.15") + "\xfe" +
             std::string(1, '\0') + "\xfb\3\1" + rdb_key(19, "stream", stream(2)) +
             rdb_key(4, "hash", small_length(1) + rdb_string("a") + rdb_string("b")) + "\xfc" +
             kTime + rdb_key(0, "text", rdb_string("value")));
  CHECK(told_of(whole) != "");
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    CHECK(refusal_of(flipped).code == ErrorCode::bad_data);
  }
}

TEST_CASE("redis rdb: a copy has a checksum, though the server wrote none") {
  const std::string whole = rdb_of(rdb_key(0, "a", rdb_string("x")));
  const std::string without = whole.substr(0, whole.size() - 8) + std::string(8, '\0');
  const Cancel cancel;
  for (const std::string& rdb : {whole, without}) {
    const std::string sent = rdb + "what follows";
    TextSource source(sent, 1000);
    Witness witness;
    TextSink copy;
    RdbReader reader(source, witness, cancel, &copy);
    reader.read();
    CHECK(copy.text() == whole);
    CHECK(reader.rest() == "what follows");
  }
}

TEST_CASE("redis: which keys a backup holds, in parts") {
  constexpr std::uint64_t kParts = 3;
  std::vector<std::size_t> missing(4);
  for (std::uint64_t part = 0; part < kParts; ++part) {
    KeySet held(part, kParts, 1000);
    for (int i = 0; i < 100; ++i) held.value({.database = 1, .name = std::to_string(i)}, 1);
    held.value({.database = 1, .name = "gone", .expires = 1000}, 1);
    held.value({.database = 1, .name = "there", .expires = 1001}, 1);
    held.sort();
    for (int i = 0; i < 200; ++i) missing[0] += held.lacks(1, std::to_string(i)) ? 1 : 0;
    for (int i = 0; i < 100; ++i) missing[1] += held.lacks(2, std::to_string(i)) ? 1 : 0;
    missing[2] += held.lacks(1, "gone") ? 1 : 0;
    missing[3] += held.lacks(1, "there") ? 1 : 0;
  }
  CHECK(missing == std::vector<std::size_t>{100, 100, 1, 0});
}

TEST_CASE("redis: LZF") {
  CHECK(lzf_expanded(std::string("\x02"
                                 "abc",
                                 4),
                     3) == "abc");
  CHECK(lzf_expanded(std::string("\x00"
                                 "a"
                                 "\xe0\x00\x00",
                                 5),
                     10) == "aaaaaaaaaa");
  CHECK(lzf_expanded(std::string("\x01"
                                 "ab"
                                 "\x40\x01",
                                 5),
                     6) == "ababab");
  CHECK_FALSE(lzf_expanded(std::string("\x02"
                                       "ab",
                                       3),
                           3));
  CHECK_FALSE(lzf_expanded(std::string("\x02"
                                       "abc",
                                       4),
                           2));
  CHECK_FALSE(lzf_expanded(std::string("\x02"
                                       "abc",
                                       4),
                           4));
  CHECK_FALSE(lzf_expanded(std::string("\x00"
                                       "a"
                                       "\x20\x01",
                                       4),
                           4));
  CHECK_FALSE(lzf_expanded(std::string("\x00"
                                       "a"
                                       "\xe0",
                                       3),
                           10));
  CHECK(lzf_expanded("", 0) == "");
}

TEST_CASE("redis: slots of keys with hash tags") {
  CHECK(hash_slot("123456789") == 12739);  // 0x31c3, of the specification
  CHECK(hash_slot("{user1000}.following") == hash_slot("{user1000}.followers"));
  CHECK(hash_slot("{user1000}.following") == hash_slot("user1000"));
  CHECK(hash_slot("foo{}{bar}") != hash_slot("bar"));
  CHECK(hash_slot("foo{{bar}}zap") == hash_slot("{bar"));
  CHECK(hash_slot("foo{bar}{zap}") == hash_slot("bar"));
  CHECK(hash_slot("foo{bar") != hash_slot("bar"));
}

}  // namespace prism::redis
