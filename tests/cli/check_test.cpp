#include <doctest/doctest.h>

#include "cli/cli.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// An env file that its owner alone can read.
void write_env(const Cli& cli, const std::string& content) {
  fs::permissions(cli.write(".env", content), fs::perms::owner_read | fs::perms::owner_write);
}

/// Whether there is one that says so.
bool has(const Json& check, const std::string& level, const std::string& where,
         const std::string& what) {
  for (const Json& finding : check.at("findings")) {
    if (finding.at("level") == level &&
        finding.at("where").get<std::string>().find(where) != std::string::npos &&
        finding.at("what").get<std::string>().find(what) != std::string::npos) {
      return true;
    }
  }
  return false;
}

const Words kCheck{"check", "--env-file", ".env"};

}  // namespace

TEST_CASE("cli: check finds what is missing or risky in a system, and shows no secret") {
  const Cli cli;
  write_env(cli,
            "POSTGRES_HOST=db.example\nPOSTGRES_USER=u\nPOSTGRES_PASSWORD=changeme\n"
            "POSTGRES_DB=d\nREDIS_URL=redis://localhost\nMINIO_ROOT_USER=minio\n"
            "NEO4J_URI=bolt://localhost:7687\nNEO4J_PASSWORD=xyzzy\n");
  fs::permissions(cli / ".env", fs::perms::others_read, fs::perm_options::add);
  const Ended ended = cli(kCheck);
  CAPTURE(ended.out);
  CHECK(ended.code == 2);
  CHECK(ended.err == "");
  CHECK(ended.out.starts_with("LEVEL     WHERE"));
  CHECK(ended.out.find("changeme") == std::string::npos);
  CHECK(ended.out.find("xyzzy") == std::string::npos);
  const Json json = cli.json(kCheck);
  CHECK(json["schema"] == 1);
  CHECK(json["command"] == "check");
  CHECK(json["state"] == "critical");
  CHECK(has(json, "critical", "MINIO_ROOT_PASSWORD", "missing beside MINIO_ROOT_USER"));
  CHECK(has(json, "critical", "env file .env: POSTGRES_PASSWORD", "everybody knows"));
  CHECK(has(json, "warning", "env file .env: NEO4J_PASSWORD", "fewer than 8"));
  CHECK(has(json, "warning", "target cache", "Redis without a password"));
  CHECK(has(json, "warning", "target store", "without TLS"));
  CHECK(has(json, "warning", "env file .env", "others may read it"));
  CHECK(has(json, "warning", "backups ./backups", "there is no backup"));
  CHECK(json.dump().find("changeme") == std::string::npos);
  CHECK(cli.audit().empty());
}

TEST_CASE("cli: check of a system that has all it needs is 0") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,7000"}));
  REQUIRE(cli({"seed", "a.csv"}).code == 0);
  const Ended before = cli({"check"});
  CHECK(before.code == 1);
  CHECK(missing_in(before.out, {"warning", "there is no backup"}) == "");
  REQUIRE(cli({"backup"}).code == 0);
  REQUIRE(cli({"backup", "verify"}).code == 0);
  REQUIRE(cli({"backup", "verify", "--restore-test"}).code == 0);
  const Ended ended = cli({"check"});
  CHECK(ended.code == 0);
  CHECK(ended.out == "ok: nothing was found\n");
  const Json json = cli.json({"check"});
  CHECK(json["state"] == "ok");
  CHECK(json["findings"] == Json::array());
  CHECK(cli({"check"}, {{"PRISMCTL_STATUS_CRITICAL", "backup_age=0"}}).code == 2);
}

TEST_CASE("cli: check of a repository that can't be reached is a warning") {
  const Cli cli;
  const Ended ended = cli({"check", "--repository", "s3://bucket?endpoint=http://127.0.0.1:1"},
                          {{"AWS_ACCESS_KEY_ID", "a"},
                           {"AWS_SECRET_ACCESS_KEY", "a good secret"},
                           {"PRISMCTL_S3_RETRY_TIME", "0"}});
  CAPTURE(ended.out);
  CHECK(ended.code == 1);
  CHECK(missing_in(ended.out, {"warning", "the backups: ", "127.0.0.1:1"}) == "");
}

}  // namespace prism::test
