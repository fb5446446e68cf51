#include <doctest/doctest.h>

#include <prism/drivers/redis/address.hpp>

#include "support/thrown.hpp"

namespace prism::redis {
namespace {

std::string refusal(const std::string& url) {
  const auto thrown = test::thrown_by([&] { parse_address(url); });
  CHECK(thrown.code == ErrorCode::configuration);
  CHECK_FALSE(thrown.says("s3cret"));
  return thrown.message;
}

}  // namespace

TEST_CASE("redis: a URL names a server") {
  const Address plain = parse_address("redis://host");
  CHECK(plain.form == Form::single);
  CHECK_FALSE(plain.tls);
  CHECK(plain.endpoints == std::vector<Endpoint>{{.host = "host", .port = 6379}});
  CHECK(plain.user.empty());
  CHECK_FALSE(plain.password.has_value());
  CHECK(plain.database == 0);
  CHECK(plain.text() == "redis://host:6379/0");

  const Address full = parse_address("rediss://me:s%3Acr%40et@[::1]:7000/12");
  CHECK(full.tls);
  CHECK(full.user == "me");
  CHECK(full.password == "s:cr@et");
  CHECK(full.endpoints == std::vector<Endpoint>{{.host = "::1", .port = 7000}});
  CHECK(full.database == 12);
  CHECK(full.text() == "rediss://[::1]:7000/12");
}

TEST_CASE("redis: passwords may hold what nobody encoded") {
  CHECK(parse_address("redis://:p@s/s:w%rd@host/1").password == "p@s/s:w%rd");
  CHECK(parse_address("redis://:p@s/s:w%rd@host/1").database == 1);
  CHECK(parse_address("redis://only-user@host").user == "only-user");
  CHECK_FALSE(parse_address("redis://only-user@host").password.has_value());
}

TEST_CASE("redis: a URL names a Unix socket") {
  const Address socket = parse_address("unix:///run/my%20redis.sock?db=3");
  CHECK(socket.endpoints.front().path == "/run/my redis.sock");
  CHECK(socket.endpoints.front().host.empty());
  CHECK(socket.database == 3);
  CHECK(socket.text() == "unix:///run/my redis.sock?db=3");
  const Address with_user = parse_address("unix://me:pw@/run/r.sock");
  CHECK(with_user.user == "me");
  CHECK(with_user.password == "pw");
  CHECK(with_user.text() == "unix:///run/r.sock");
}

TEST_CASE("redis: a URL names Sentinels and their master, or nodes of a Cluster") {
  const Address sentinel = parse_address("redis+sentinel://u:p@a,b:7,[fe80::1]/my%2Dmaster/2");
  CHECK(sentinel.form == Form::sentinel);
  CHECK(sentinel.master == "my-master");
  CHECK(sentinel.database == 2);
  CHECK(sentinel.endpoints == std::vector<Endpoint>{{.host = "a", .port = 26379},
                                                    {.host = "b", .port = 7},
                                                    {.host = "fe80::1", .port = 26379}});
  const Address cluster = parse_address("rediss+cluster://:p@a,b:7001/");
  CHECK(cluster.form == Form::cluster);
  CHECK(cluster.tls);
  CHECK(cluster.endpoints.size() == 2);
  CHECK(cluster.text() == "rediss+cluster://a:6379,b:7001");
}

TEST_CASE("redis: a URL that is wrong is refused in words without the password") {
  CHECK(refusal("redis://me:s3cret@host:abc").find("port 'abc'") != std::string::npos);
  CHECK(refusal("redis://me:s3cret@host:70000").find("between 1 and 65535") != std::string::npos);
  CHECK(refusal("redis://me:s3cret@host/x").find("database 'x'") != std::string::npos);
  CHECK(refusal("redis://me:s3cret@").find("host name is missing") != std::string::npos);
  CHECK(refusal("redis://me:s3cret@[::1").find("no ]") != std::string::npos);
  CHECK(refusal("redis://me:s3cret@a,b").find("redis+cluster://") != std::string::npos);
  CHECK(refusal("redis+sentinel://:s3cret@a").find("master's name") != std::string::npos);
  CHECK(refusal("redis+cluster://:s3cret@a/4").find("database 0 alone") != std::string::npos);
  CHECK(refusal("redis://:s3cret@a?ssl=no").find("'ssl'") != std::string::npos);
  CHECK(refusal("unix://:s3cret@").find("unix:///path") != std::string::npos);
  CHECK(refusal("redis:host").find("redis:// was expected") != std::string::npos);
}

}  // namespace prism::redis
