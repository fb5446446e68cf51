#include <doctest/doctest.h>
#include <sys/stat.h>

#include "cli/cli.hpp"

namespace prism::test {
namespace {

unsigned mode_of(const std::filesystem::path& file) {
  struct stat state {};
  REQUIRE(::stat(file.c_str(), &state) == 0);
  return state.st_mode & 0777;
}

/// What a shell finds in a variable of an env file.
std::string in_shell(const Cli& cli, const std::string& variable) {
  Launch launch = cli.launch({});
  launch.program = "/bin/sh";
  launch.arguments = {"-euc", ". ./.env; printf %s \"$" + variable + "\""};
  return run(launch).out;
}

}  // namespace

TEST_CASE("cli: config init writes an env file of each system that check and a shell can read") {
  for (const std::string system : {"relica", "prism", "intercept", "clarity", "hbi"}) {
    CAPTURE(system);
    const Cli cli;
    const Ended ended = cli({"config", "init", "--system", system});
    CHECK(ended.err == "");
    CHECK(ended.code == 0);
    CHECK(ended.out == ".env: the variables of " + system + ", with generated passwords\n");
    CHECK(mode_of(cli / ".env") == 0600);
    const Json config = cli.json({"config", "--env-file", ".env"});
    CHECK_FALSE(config["targets"].empty());
    const Json check = cli.json({"check", "--env-file", ".env"});
    REQUIRE(check["findings"].size() == 1);
    CHECK(check["findings"][0]["what"] == "there is no backup");
  }
}

TEST_CASE("cli: passwords of config init are long, of letters and digits, and never the same") {
  const Cli one, other;
  REQUIRE(one({"config", "init", "--system", "relica"}).code == 0);
  REQUIRE(other({"config", "init", "--system", "relica"}).code == 0);
  const std::string password = in_shell(one, "NEO4J_PASSWORD");
  CHECK(password.size() == 32);
  CHECK(password.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789") == std::string::npos);
  CHECK(password != in_shell(other, "NEO4J_PASSWORD"));
  CHECK(password != in_shell(one, "REDIS_PASSWORD"));
  const std::string audit = content_of(one.audit_file());
  CHECK(audit.find(password) == std::string::npos);
  CHECK(missing_in(audit, {"\"config init\"", "file .env"}) == "");
}

TEST_CASE("cli: config init overwrites nothing, and then writes nothing") {
  const Cli cli;
  cli.write(".env", "A=1\n");
  const Ended ended = cli({"config", "init", "--rsa-keys", "keys"});
  CHECK(ended.code == 73);
  CHECK(missing_in(ended.err, {".env: it is there already", "HINT: "}) == "");
  CHECK(content_of(cli / ".env") == "A=1\n");
  CHECK_FALSE(std::filesystem::exists(cli / "keys"));
  cli.write("k/token-public.pem", "x");
  CHECK(cli({"config", "init", "-o", "other", "--rsa-keys", "k"}).code == 73);
  CHECK_FALSE(std::filesystem::exists(cli / "other"));
  CHECK(cli({"config", "init", "-o", "no/such/folder/.env"}).code == 74);
  CHECK(cli({"config", "init", "--system", "other"}).code == 64);
}

TEST_CASE("cli: config init makes a key pair for tokens") {
  const Cli cli;
  const Json json = cli.json({"config", "init", "-o", "e", "--rsa-keys", "keys"});
  CHECK(json["private_key"] == "keys/token-private.pem");
  CHECK(json["system"] == "relica");
  CHECK(json["file"] == "e");
  CHECK(mode_of(cli / "keys") == 0700);
  CHECK(mode_of(cli / "keys/token-private.pem") == 0600);
  CHECK(mode_of(cli / "keys/token-public.pem") == 0644);
  CHECK(content_of(cli / "keys/token-private.pem").starts_with("-----BEGIN PRIVATE KEY-----\n"));
}

}  // namespace prism::test
