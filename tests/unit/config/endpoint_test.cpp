#include <doctest/doctest.h>

#include <prism/base/error.hpp>
#include <prism/config/endpoint.hpp>

#include "support/thrown.hpp"

namespace prism::config {

TEST_CASE("config: host and port of a URL") {
  CHECK(endpoint_of_url("tcp://host:80") == Endpoint{.host = "host", .port = 80});
  CHECK(endpoint_of_url("grpc://127.0.0.1:50051/a.B/c:9") ==
        Endpoint{.host = "127.0.0.1", .port = 50051});
  CHECK(endpoint_of_url("tcp://[::1]:65535") == Endpoint{.host = "::1", .port = 65535});
  for (const char* const url :
       {"tcp:host:80", "tcp://host", "tcp://:80", "tcp://host:0", "tcp://host:65536",
        "tcp://host:x", "tcp://u:secret@host:80", "tcp://::1:80:", "tcp://[::1:80"}) {
    CAPTURE(url);
    const auto refused = test::thrown_by([&] { endpoint_of_url(url); });
    CHECK(refused.code == ErrorCode::configuration);
    CHECK(refused.says("tcp://HOST:PORT"));
    CHECK_FALSE(refused.says("secret"));
  }
}

}  // namespace prism::config
