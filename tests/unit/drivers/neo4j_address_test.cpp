#include <doctest/doctest.h>

#include <prism/drivers/neo4j/address.hpp>
#include <prism/drivers/neo4j/login.hpp>

#include "support/thrown.hpp"

namespace prism::neo4j {

TEST_CASE("neo4j: the scheme says whether others are asked for and whether it is encrypted") {
  struct Case {
    const char* url;
    bool routed;
    Encryption encryption;
  };
  const Case all[] = {
      {"bolt://h", false, Encryption::none},
      {"bolt+s://h", false, Encryption::verified},
      {"bolt+ssc://h", false, Encryption::unverified},
      {"neo4j://h", true, Encryption::none},
      {"NEO4J+S://h", true, Encryption::verified},
      {"neo4j+ssc://h", true, Encryption::unverified},
  };
  for (const Case& one : all) {
    CAPTURE(one.url);
    const Address address = parse_address(one.url);
    CHECK(address.routed == one.routed);
    CHECK(address.encryption == one.encryption);
    CHECK(address.endpoint == Endpoint{.host = "h", .port = 7687});
  }
}

TEST_CASE("neo4j: a URL may name user, password, port and database") {
  const Address address = parse_address("bolt://us%40er:p%2Fw@d:x@[::1]:7700/my%20db/");
  CHECK(address.user == "us@er");
  CHECK(address.password == "p/w@d:x");
  CHECK(address.endpoint == Endpoint{.host = "::1", .port = 7700});
  CHECK(address.database == "my db");
  CHECK(address.text() == "bolt://[::1]:7700/my%20db");
  CHECK(parse_address("neo4j+s://graph").text() == "neo4j+s://graph:7687");
  CHECK_FALSE(parse_address("bolt://neo4j@h").password);
  CHECK(parse_address("bolt://neo4j:@h").password == "");
}

TEST_CASE("neo4j: what is no such URL is refused, without showing its password") {
  for (const char* const url :
       {"http://u:s3cret@h", "bolt:u:s3cret@h", "bolt://u:s3cret@", "bolt://u:s3cret@h:0",
        "bolt://u:s3cret@h:70000", "bolt://u:s3cret@h:x", "bolt://u:s3cret@[::1",
        "bolt://u:s3cret@[::1]x", "bolt://u:s3cret@h/a/b", "bolt://u:s3cret@h?x=1"}) {
    CAPTURE(url);
    const auto thrown = test::thrown_by([&] { parse_address(url); });
    CHECK(thrown.code == ErrorCode::configuration);
    CHECK(thrown.says("the Neo4j URL: "));
    CHECK_FALSE(thrown.says("s3cret"));
    CHECK(thrown.hint.find("s3cret") == std::string::npos);
  }
}

TEST_CASE("neo4j: what the URL leaves out comes from the settings") {
  config::Neo4jSettings settings;
  settings.password = "of-settings";
  settings.ca_file = "/ca.crt";
  const Login plain(parse_address("bolt://h"), settings);
  CHECK(plain.user == "neo4j");
  CHECK(plain.password == "of-settings");
  CHECK_FALSE(plain.socket.tls);
  const Login own(parse_address("bolt+s://u:p@h/d"), settings);
  CHECK(own.user == "u");
  CHECK(own.password == "p");
  CHECK(own.database == "d");
  REQUIRE(own.socket.tls);
  CHECK(own.socket.tls->verify);
  CHECK(own.socket.tls->ca_file == "/ca.crt");
  CHECK_FALSE(Login(parse_address("bolt+ssc://h"), settings).socket.tls->verify);
  settings.token = "t";
  CHECK(Login(parse_address("bolt://h"), settings).token == "t");
  CHECK(Login(parse_address("bolt://u:p@h"), settings).token.empty());
}

}  // namespace prism::neo4j
