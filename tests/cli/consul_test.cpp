#include "support/consul.hpp"

#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/services.hpp"

namespace prism::test {
namespace {

/// A Consul with ACLs, whose own environment file is all that is known of it.
class ConsulSystem {
 public:
  ConsulSystem()
      : own_("consul-acl"),
        server(own_.value("PRISM_TEST_CONSUL_ACL"), own_.value("PRISM_TEST_CONSUL_ACL_TOKEN")) {
    fill_consul(server);
    fill_consul_acl(server);
    write_env(server.token());
  }

  void write_env(const std::string& token) const {
    cli.write("system.env",
              "CONSUL_HTTP_ADDR=" + server.host() + "\nCONSUL_HTTP_TOKEN=" + token + "\n");
    std::filesystem::permissions(cli / "system.env", std::filesystem::perms::owner_read |
                                                         std::filesystem::perms::owner_write);
  }

  Ended run(Words words, const Variables& variables = {}) const {
    words.insert(words.end(), {"--env-file", "system.env", "--cache", "none"});
    return cli(words, variables);
  }

  Cli cli;

 private:
  PrivateServer own_;

 public:
  ConsulServer server;
};

}  // namespace

TEST_CASE("cli: consul: backup, verify and restore by its own environment file") {
  if (!has_service("PRISM_TEST_CONSUL_ACL")) return;
  const ConsulSystem system;
  const std::string before = system.server.state();
  const Ended made = system.run({"backup"});
  CAPTURE(made.err);
  REQUIRE(made.code == 0);
  CHECK(missing_in(made.out, {"consul: ", "complete"}) == "");
  CHECK(missing_in(made.err, {"not encrypted", "backup.recipients"}) == "");
  CHECK(system.run({"backup", "verify"}).code == 0);

  const Ended tested = system.run({"backup", "verify", "--restore-test"});
  CHECK(tested.code == 1);
  CHECK(missing_in(tested.out, {"consul: not tested: ", "targets.consul.scratch"}) == "");

  system.server.ask("DELETE", "/v1/kv/?recurse");
  system.server.put("/v1/acl/token", R"({"Description":"newer"})");
  const Ended refused = system.run({"restore", "latest"});
  CHECK(refused.code == 73);
  const Ended restored = system.run({"restore", "latest", "--force"});
  CAPTURE(restored.err);
  CHECK(restored.code == 0);
  CHECK(missing_in(restored.out, {"what was there is kept as backup", "restores   ",
                                  "kv entries 55", "tokens 3"}) == "");
  CHECK(system.server.state() == before);
  for (const std::string& said : {made.out, made.err, restored.out, restored.err}) {
    CHECK(said.find(system.server.token()) == std::string::npos);
  }
}

TEST_CASE("cli: consul: a wrong token is exit code 77, and never shown") {
  if (!has_service("PRISM_TEST_CONSUL_ACL")) return;
  const ConsulSystem system;
  REQUIRE(system.run({"backup"}).code == 0);
  system.write_env("wrong-s3cret");
  const Ended restored = system.run({"restore", "latest", "--force"});
  CHECK(restored.code == 77);
  CHECK(missing_in(restored.err, {"ACL not found", "acl = \"write\""}) == "");
  const Ended made = system.run({"backup"});
  CHECK(made.code == 2);
  const Ended config = system.run({"config"});
  CHECK(missing_in(config.out, {"consul.token", "consul.timeout"}) == "");
  for (const Ended& ended : {restored, made, config}) {
    CHECK(ended.out.find("wrong-s3cret") == std::string::npos);
    CHECK(ended.err.find("wrong-s3cret") == std::string::npos);
  }
}

TEST_CASE("cli: consul: a restore test on a scratch server that the config file names") {
  if (!has_service("PRISM_TEST_CONSUL")) return;
  const PrivateServer own("consul");
  const PrivateServer other("consul");
  const ConsulServer server(own.value("PRISM_TEST_CONSUL"));
  const ConsulServer scratch(other.value("PRISM_TEST_CONSUL"));
  fill_consul(server);
  const Cli cli;
  const auto configure = [&](const ConsulServer& place) {
    const auto file =
        cli.write("prismctl.toml", "[targets.settings]\nurl = 'consul://" + server.host() +
                                       "'\nscratch = 'consul://" + place.host() + "'\n");
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  };
  configure(scratch);
  REQUIRE(cli({"backup", "--cache", "none"}).code == 0);
  const std::string before = server.state();
  const std::string empty = scratch.state();
  const Ended tested = cli({"backup", "verify", "--restore-test", "--json", "--cache", "none"});
  CAPTURE(tested.out);
  CAPTURE(tested.err);
  CHECK(tested.code == 0);
  CHECK(missing_in(tested.out, {"number of kv entries", "digest of the kv entries"}) == "");
  CHECK(scratch.state() == empty);
  configure(server);
  const Ended same = cli({"backup", "verify", "--restore-test", "--cache", "none"});
  CHECK(same.code == 1);
  CHECK(missing_in(same.out, {"settings: not tested: ", "this is the target settings"}) == "");
  CHECK(server.state() == before);
}

}  // namespace prism::test
