#include <doctest/doctest.h>

#include <prism/drivers/consul/address.hpp>

#include "support/thrown.hpp"

namespace prism::consul {

TEST_CASE("consul address: host, port and TLS") {
  struct Row {
    const char* url;
    const char* text;
    const char* asked;
  };
  const Row rows[] = {
      {"consul://h", "consul://h:8500", "http://h:8500/v1"},
      {"consul://h:1/", "consul://h:1", "http://h:1/v1"},
      {"CONSUL+HTTPS://h.x", "consul+https://h.x:8501", "https://h.x:8501/v1"},
      {"consul://[::1]", "consul://[::1]:8500", "http://[::1]:8500/v1"},
      {"consul://[::1]:9", "consul://[::1]:9", "http://[::1]:9/v1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    CHECK(parse_address(row.url).text() == row.text);
    CHECK(parse_address(row.url).url("/v1") == row.asked);
  }
}

TEST_CASE("consul address: what is none is refused, and no secret is shown") {
  for (const char* const url :
       {"consul://", "consul:h", "consul://h:0", "consul://h:65536", "consul://h:x", "consul://h/p",
        "consul://h:1?x", "consul://a b", "consul://[::1", "consul://::1", "redis://h",
        "consul://unix:///tmp/s"}) {
    CAPTURE(url);
    CHECK(test::thrown_by([&] { parse_address(url); }).code == ErrorCode::configuration);
  }
  const auto thrown = test::thrown_by([] { parse_address("consul://me:s3cret@h"); });
  CHECK(thrown.code == ErrorCode::configuration);
  CHECK_FALSE(thrown.says("s3cret"));
  CHECK(thrown.hint.find("CONSUL_HTTP_TOKEN") != std::string::npos);
}

}  // namespace prism::consul
