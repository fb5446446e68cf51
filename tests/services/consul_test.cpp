#include "support/consul.hpp"

#include <filesystem>

#include <doctest/doctest.h>

#include "support/services.hpp"
#include "support/temporary.hpp"

namespace prism::test {

TEST_CASE("services: nobody sees the token of Consul on a command line") {
  if (!has_service("PRISM_TEST_CONSUL_ACL")) return;
  const PrivateServer own("consul-acl");
  const std::string token = own.value("PRISM_TEST_CONSUL_ACL_TOKEN");
  const ConsulServer manager(own.value("PRISM_TEST_CONSUL_ACL"), token);
  CHECK(manager.get("/v1/acl/token/self").at("SecretID") == token);
  CHECK_THROWS(ConsulServer(own.value("PRISM_TEST_CONSUL_ACL")).get("/v1/acl/tokens"));
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    CHECK(content_of(entry.path() / "cmdline").find(token) == std::string::npos);
  }
}

TEST_CASE("services: a Consul that is killed has its data when it is back") {
  if (!has_service("PRISM_TEST_CONSUL")) return;
  const PrivateServer own("consul");
  const ConsulServer server(own.value("PRISM_TEST_CONSUL"));
  server.put("/v1/kv/a", "1");
  own.kill();
  CHECK_THROWS(server.get("/v1/kv/a"));
  own.restart();
  CHECK(server.ask("GET", "/v1/kv/a?raw") == "1");
  own.stop();
  own.restart();
  CHECK(server.ask("GET", "/v1/kv/a?raw") == "1");
}

}  // namespace prism::test
