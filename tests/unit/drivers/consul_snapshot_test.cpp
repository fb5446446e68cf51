#include "support/consul_snapshot.hpp"

#include <doctest/doctest.h>

#include <prism/drivers/consul/snapshot.hpp>

#include "support/text_stream.hpp"
#include "support/thrown.hpp"

namespace prism::consul {
namespace {

using namespace test::msgpack;
using backup::Counts;
using test::consul_header;
using test::consul_kv;
using test::consul_record;
using test::NamedTexts;
using test::TextSource;
using test::thrown_by;

constexpr std::size_t kPiece = 7;

/// A connection that is cut once a text was given: its error is told once.
class Cut : public ByteSource {
 public:
  explicit Cut(std::string_view left) : left_(left, kPiece) {}
  std::size_t read(std::span<char> into) override {
    const std::size_t got = left_.read(into);
    if (got > 0 || told_) return got;
    told_ = true;
    throw Error(ErrorCode::unavailable, "cut");
  }

 private:
  TextSource left_;
  bool told_ = false;
};

Survey read(const std::string& snapshot, const SurveyOptions& options = {}) {
  const Cancel cancel;
  TextSource source(snapshot, kPiece);
  return read_snapshot(source, options, cancel);
}

Survey read_state(const std::string& records, const SurveyOptions& options = {}) {
  return read(test::consul_snapshot(consul_header() + records), options);
}

std::string refusal_of(const std::string& snapshot) {
  const auto thrown = thrown_by([&] { read(snapshot); });
  CHECK(thrown.code == ErrorCode::bad_data);
  return thrown.message;
}

std::string token(const std::string& accessor, const std::string& secret) {
  return consul_record(
      17, map({{"AccessorID", text(accessor)}, {"Policies", "\xC0"}, {"SecretID", text(secret)}}));
}

std::string policy(const std::string& id) { return consul_record(19, map({{"ID", text(id)}})); }

std::string registration(const std::string& node, const std::string& service = "\xC0",
                         const std::string& check = "\xC0", const std::string& peer = "") {
  return consul_record(0, map({{"Check", check},
                               {"Node", text(node)},
                               {"PeerName", text(peer)},
                               {"Service", service}}));
}

}  // namespace

TEST_CASE("consul snapshot: what users made is counted") {
  CHECK(read_state("").counts.empty());
  CHECK(read_state(consul_kv("a", "1") + consul_kv("b", std::string(600, 'x'))).counts ==
        Counts{{"kv entries", 2}});
  CHECK(read_state(token("11111111-0000-0000-0000-000000000002", "s") +
                   token("00000000-0000-0000-0000-000000000002", "anonymous") +
                   policy("00000000-0000-0000-0000-000000000001") +
                   policy("00000000-0000-0000-0000-0000000000a1") +
                   policy("10000000-0000-0000-0000-000000000001"))
            .counts == Counts{{"policies", 1}, {"tokens", 1}});
  const std::string any = map({{"Name", text("n")}});
  std::string all;
  for (int type = 0; type < 44; ++type) {
    if (type != 2 && type != 17 && type != 19 && type != 0) {
      all += consul_record(static_cast<std::uint8_t>(type), any);
    }
  }
  CHECK(read_state(all).counts == Counts{{"auth methods", 1},
                                         {"binding rules", 1},
                                         {"config entries", 1},
                                         {"intentions", 1},
                                         {"peerings", 1},
                                         {"prepared queries", 1},
                                         {"roles", 1}});
}

TEST_CASE("consul snapshot: nodes without an agent are counted, with their services") {
  const std::string service = map({{"ID", text("web")}});
  const std::string serf = map({{"CheckID", text("serfHealth")}});
  const std::string other = map({{"Name", text("x")}, {"CheckID", text("http")}});
  const std::string agent = registration("a") + registration("a", service) +
                            registration("a", "\xC0", serf) + registration("a", "\xC0", other);
  CHECK(read_state(agent).counts.empty());
  CHECK(read_state(registration("b", "\xC0", "\xC0", "elsewhere")).counts.empty());
  const std::string external = registration("b") + registration("b", service) +
                               registration("b", service) + registration("b", "\xC0", other);
  const Counts expected{{"external nodes", 1}, {"external services", 2}};
  CHECK(read_state(external).counts == expected);
  CHECK(read_state(agent + external).counts == expected);
  CHECK(read_state(external + agent).counts == expected);
  CHECK(read_state(external + agent + consul_kv("a", "") + registration("c")).counts ==
        Counts{{"external nodes", 2}, {"external services", 2}, {"kv entries", 1}});
}

TEST_CASE("consul snapshot: a token is found by its secret, in a token alone") {
  const std::string own = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
  CHECK_FALSE(read_state(consul_kv("a", own), {.token = own}).has_token);
  CHECK_FALSE(read_state(token(own, "other"), {.token = own}).has_token);
  CHECK(read_state(token("x", "other") + token("y", own), {.token = own}).has_token);
  CHECK_FALSE(read_state(token("y", "")).has_token);
  CHECK(read_state(token("y", own)).has_secrets);
  CHECK_FALSE(read_state(consul_kv("a", own)).has_secrets);
  CHECK(read_state(consul_record(14, "\xC0")).has_secrets);
}

TEST_CASE("consul snapshot: the digest is that of keys, flags and values") {
  const auto digest = [](const std::string& records) {
    return read_state(records, {.digest = true}).digest;
  };
  const std::string one = digest(consul_kv("a", "bc", 1));
  CHECK(one.size() == 64);
  CHECK(one == digest(consul_record(2, map({{"Key", text("a")},
                                            {"Flags", "\x01"},
                                            {"LockIndex", number(3)},
                                            {"Session", text("s")},
                                            {"Value",
                                             "\xC4\x02"
                                             "bc"}}))));
  CHECK(one != digest(consul_kv("ab", "c", 1)));
  CHECK(one != digest(consul_kv("a", "bc", 2)));
  CHECK(one != digest(consul_kv("a", "bd", 1)));
  CHECK(one != digest(""));
  CHECK(digest(consul_kv("a", "") + consul_kv("b", "")) !=
        digest(consul_kv("b", "") + consul_kv("a", "")));
  CHECK(digest(consul_record(2, map({{"Key", text("a")}, {"Value", "\xC0"}}))) ==
        digest(consul_record(2, map({{"Key", text("a")}, {"Value", "\xA0"}}))));
}

TEST_CASE("consul snapshot: every form of a value is passed over") {
  const std::string forms[] = {"\x7F",
                               "\xE0",
                               "\xC0",
                               "\xC2",
                               "\xC3",
                               "\x92\xC0\x01",
                               "\x81\xA1k\x91\x80",
                               std::string("\xC4\x01x", 3),
                               std::string("\xC5\0\x01x", 4),
                               std::string("\xC6\0\0\0\x01x", 6),
                               std::string("\xC7\x02tab", 5),
                               std::string("\xC8\0\x01tx", 5),
                               std::string("\xC9\0\0\0\x01tx", 7),
                               std::string("\xCA"
                                           "1234"),
                               std::string("\xCB"
                                           "12345678"),
                               "\xCC"
                               "1",
                               "\xCD"
                               "12",
                               "\xCE"
                               "1234",
                               "\xCF"
                               "12345678",
                               "\xD0"
                               "1",
                               "\xD1"
                               "12",
                               "\xD2"
                               "1234",
                               "\xD3"
                               "12345678",
                               "\xD4"
                               "t1",
                               "\xD5"
                               "t12",
                               "\xD6"
                               "t1234",
                               "\xD7"
                               "t12345678",
                               "\xD8"
                               "t1234567890123456",
                               std::string("\xD9\x01x", 3),
                               std::string("\xDA\0\x01x", 4),
                               std::string("\xDB\0\0\0\x01x", 6),
                               std::string("\xDC\0\x01\xC0", 4),
                               std::string("\xDD\0\0\0\x01\xC0", 6),
                               std::string("\xDE\0\x01\xC0\xC0", 5),
                               std::string("\xDF\0\0\0\x01\xC0\xC0", 7)};
  for (const std::string& form : forms) {
    CAPTURE(static_cast<int>(static_cast<unsigned char>(form.front())));
    const std::string records = consul_record(200, form);
    CHECK(read_state(records + consul_kv("a", "1")).counts == Counts{{"kv entries", 1}});
    for (std::size_t size = 1; size < records.size(); ++size) {
      CHECK(refusal_of(test::consul_snapshot(consul_header() + records.substr(0, size))) ==
            "Consul snapshot: state.bin: ends within a value");
    }
  }
}

TEST_CASE("consul snapshot: depth and length that nothing stands behind are refused") {
  const auto refused = [](const std::string& value) {
    return refusal_of(test::consul_snapshot(consul_header() + consul_record(200, value)));
  };
  CHECK(refused(std::string(100'000, '\x91')) == "Consul snapshot: state.bin: ends within a value");
  CHECK(refused("\xDD\xFF\xFF\xFF\xFF") == "Consul snapshot: state.bin: ends within a value");
  CHECK(refused("\xDB\xFF\xFF\xFF\xFFx") == "Consul snapshot: state.bin: ends within a value");
  std::string many;
  for (int i = 0; i < 70'000; ++i) many += "\xDF\xFF\xFF\xFF\xFF";
  CHECK(refused(many) == "Consul snapshot: state.bin: a list is longer than any can be");
  CHECK(refused("\xC1") ==
        "Consul snapshot: state.bin: no MessagePack was found where a value was expected");
  CHECK(refusal_of(test::consul_snapshot("\x01")) == "Consul snapshot: state.bin has no header");
  CHECK(refusal_of(test::consul_snapshot(consul_header() + consul_record(17, "\x01"))) ==
        "Consul snapshot: state.bin: a record has no fields");
}

TEST_CASE("consul snapshot: cut anywhere or with a byte changed it is refused") {
  const std::string whole = test::consul_snapshot(consul_header() + consul_kv("key", "value", 3));
  REQUIRE(read(whole).counts == Counts{{"kv entries", 1}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    refusal_of(whole.substr(0, size));
  }
  // Some of the gzip header says nothing of the content, nor does how a block is filled up.
  for (std::size_t at = 11; at < whole.size(); ++at) {
    CAPTURE(at);
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    refusal_of(changed);
  }
  CHECK(refusal_of(whole + "x") == "Consul snapshot: the gzip file goes on behind its end");
  CHECK(refusal_of("") == "Consul snapshot: the gzip file is cut off");
}

TEST_CASE("consul snapshot: a connection that is cut anywhere is not taken for damage") {
  const std::string whole = test::consul_snapshot(consul_header() + consul_kv("key", "value", 3));
  const Cancel cancel;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    CAPTURE(size);
    Cut source(std::string_view(whole).substr(0, size));
    const auto thrown = thrown_by([&] { read_snapshot(source, {}, cancel); });
    CHECK(thrown.code == ErrorCode::unavailable);
  }
}

TEST_CASE("consul snapshot: its files must be the three, and have their sums") {
  const std::string state = consul_header();
  const NamedTexts both{{"meta.json", test::kConsulMeta}, {"state.bin", state}};
  const auto refused = [](const NamedTexts& files) {
    return refusal_of(test::gzip_of(test::tar_of(files)));
  };
  const auto with = [&](const std::string& sums, NamedTexts files) {
    files.emplace_back("SHA256SUMS", sums);
    return files;
  };
  const std::string sums = test::sums_of(both);
  NamedTexts reversed = with(test::sums_of({both[1], both[0]}), both);
  CHECK(read(test::gzip_of(test::tar_of(reversed))).counts.empty());
  CHECK(refused(both) == "Consul snapshot: SHA256SUMS is missing");
  CHECK(refused(with(sums, {both[0]})) == "Consul snapshot: state.bin is missing");
  CHECK(refused(with(sums, {both[1]})) == "Consul snapshot: meta.json is missing");
  CHECK(refused(with(sums, {both[0], both[1], {"other", ""}})) ==
        "Consul snapshot: 'other' was not expected in it");
  CHECK(refused(with(sums, {both[0], both[1], both[1]})) ==
        "Consul snapshot: there are two of 'state.bin'");
  CHECK(refused(with(test::sums_of({both[0], {"state.bin", "x"}}), both)) ==
        "Consul snapshot: the sums of SHA256SUMS are others than those of its files");
  CHECK(refused(with(test::sums_of({both[0]}), both)) ==
        "Consul snapshot: the sums of SHA256SUMS are others than those of its files");
  CHECK(refused(with("nonsense\n", both)) == "Consul snapshot: SHA256SUMS has a line that is none");
  CHECK(refusal_of(test::gzip_of("")) ==
        "tar: the archive is damaged: 'Unrecognized archive format'");
}

}  // namespace prism::consul
