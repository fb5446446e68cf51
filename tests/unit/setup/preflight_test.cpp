#include <filesystem>
#include <map>
#include <string>

#include <prism/setup/preflight/backups.hpp>
#include <prism/setup/preflight/file_modes.hpp>
#include <prism/setup/preflight/passwords.hpp>
#include <prism/setup/preflight/transport.hpp>
#include <prism/setup/preflight/variables.hpp>
#include <prism/setup/system_env.hpp>

#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::setup {
namespace {

namespace fs = std::filesystem;
using health::State;
using Variables = std::map<std::string, std::string>;

/// A system as its environment tells of it.
struct Scene {
  explicit Scene(Variables variables) {
    sources.environment = [variables](std::string_view name) -> std::optional<std::string> {
      const auto found = variables.find(std::string(name));
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    sources.default_config_files.clear();
  }

  Findings variables() const { return check_variables(sources); }
  std::vector<Secret> secrets() const { return find_secrets(sources, settings(), targets()); }
  Findings passwords() const { return check_passwords(secrets()); }
  Findings redis() const { return check_redis(targets(), settings()); }
  Findings transport() const {
    return check_transport(targets(), settings().text(config::Setting::s3_endpoint));
  }

  config::Settings settings() const { return config::Settings::resolve(sources); }
  std::vector<config::Target> targets() const { return find_targets(sources); }

  config::Sources sources;
};

Scene scene_of(Variables variables) { return Scene(std::move(variables)); }

/// `critical MINIO_ROOT_PASSWORD; …`, without hints.
std::string shown(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += (text.empty() ? "" : "; ") + std::string(state_name(finding.level)) + " " +
            finding.where + ": " + finding.what;
  }
  return text;
}

}  // namespace

TEST_CASE("setup: what an environment lacks is told by what it has") {
  struct Row {
    Variables variables;
    std::string found;
  };
  const Row rows[] = {
      {{}, ""},
      {{{"PRISM_PORT", "3005"}}, ""},
      {{{"NEO4J_URI", "bolt://g:7687"}}, "warning NEO4J_PASSWORD: missing beside NEO4J_URI"},
      {{{"NEO4J_URI", "bolt://neo4j:secret@g:7687"}}, ""},
      {{{"NEO4J_URI", "bolt://g:7687"}, {"NEO4J_TOKEN", "t"}}, ""},
      {{{"NEO4J_PASSWORD", "x"}}, "critical NEO4J_URI: missing beside NEO4J_PASSWORD"},
      {{{"NEO4J_PASSWORD", "x"}, {"PRISMCTL_STORE", "bolt://g"}}, ""},
      {{{"MINIO_ROOT_USER", "u"}}, "critical MINIO_ROOT_PASSWORD: missing beside MINIO_ROOT_USER"},
      {{{"MINIO_ROOT_USER", "u"}, {"MINIO_ROOT_PASSWORD", ""}},
       "critical MINIO_ROOT_PASSWORD: missing beside MINIO_ROOT_USER"},
      {{{"POSTGRES_AUTH_PASSWORD", "a"}},
       "critical POSTGRES_OPS_PASSWORD: missing beside POSTGRES_AUTH_PASSWORD"},
      {{{"POSTGRES_HOST", "h"}},
       "warning POSTGRES_PASSWORD or DATABASE_URL or PGPASSWORD or PGPASSFILE: missing beside "
       "POSTGRES_HOST"},
      {{{"REDIS_PASSWORD", "x"}},
       "warning REDIS_URL or PRISM_REDIS_ADDRESS: missing beside REDIS_PASSWORD"},
      {{{"ARCHIVIST_URL", "http://a"}},
       "critical POSTGRES_HOST or DATABASE_URL: missing beside ARCHIVIST_URL"},
      {{{"PRISM_SEED_XLS_DIR", "x"}, {"REDIS_URL", "redis://r"}},
       "critical NEO4J_URI: missing beside PRISM_SEED_XLS_DIR"},
  };
  for (const Row& row : rows) CHECK(shown(scene_of(row.variables).variables()) == row.found);
}

TEST_CASE("setup: what stands in the config file is not missing") {
  const test::Folder folder;
  Scene scene = scene_of({{"PRISM_SEED_XLS_DIR", "x"}});
  scene.sources.config_file =
      folder.write("c.toml", "store = \"bolt://g\"\ncache = \"redis://r\"\n");
  fs::permissions(scene.sources.config_file, fs::perms::owner_all);
  CHECK(shown(scene.variables()) == "");
}

TEST_CASE("setup: passwords that everybody knows, and short ones, are told without them") {
  const Scene scene = scene_of({{"POSTGRES_PASSWORD", "PostgreS"},
                                {"NEO4J_URI", "bolt://neo4j:changeme@localhost"},
                                {"REDIS_URL", "redis://localhost"},
                                {"REDIS_PASSWORD", "xyzzy"},
                                {"MINIO_ROOT_USER", "minioadmin"},
                                {"MINIO_ROOT_PASSWORD", "8Dk3vVq0Zb"}});
  CHECK(shown(scene.passwords()) ==
        "critical environment POSTGRES_PASSWORD: a password that everybody knows; "
        "warning environment REDIS_PASSWORD: a password of fewer than 8 characters; "
        "critical environment NEO4J_URI: a password that everybody knows");
}

TEST_CASE("setup: a password stands in each place once, and a ping URL is none") {
  const Scene scene = scene_of({{"DATABASE_URL", "postgresql://u:p%40ssword12@h/d"},
                                {"REDIS_URL", "redis://:redispassword@localhost"},
                                {"PRISMCTL_HEALTHCHECK_URL", "https://x/1"}});
  const auto secrets = scene.secrets();
  REQUIRE(secrets.size() == 2);
  CHECK(secrets[0].where == "environment REDIS_URL");
  CHECK(secrets[1].where == "environment DATABASE_URL");
  CHECK(secrets[1].text == "p@ssword12");
}

TEST_CASE("setup: Redis without a password is a warning here, and critical elsewhere") {
  CHECK(shown(scene_of({{"REDIS_URL", "redis://localhost"}}).redis()) ==
        "warning target cache: Redis without a password");
  CHECK(shown(scene_of({{"REDIS_URL", "redis://cache.example"}}).redis()) ==
        "critical target cache: Redis without a password");
  CHECK(scene_of({{"REDIS_URL", "redis://:x@cache.example"}}).redis().empty());
  CHECK(scene_of({{"REDIS_URL", "redis://h"}, {"REDIS_PASSWORD", "x"}}).redis().empty());
  CHECK(scene_of({{"REDIS_URL", "unix:///run/redis.sock"}}).redis().empty());
}

TEST_CASE("setup: other machines are reached by TLS") {
  struct Row {
    std::string variable;
    std::string value;
    std::string hint;  ///< empty: nothing is found
  };
  const Row rows[] = {
      {"DATABASE_URL", "postgresql://u@db.example/d", "add ?sslmode=verify-full&sslrootcert=FILE"},
      {"DATABASE_URL", "postgresql://u@db.example/d?sslmode=prefer",
       "add ?sslmode=verify-full&sslrootcert=FILE"},
      {"DATABASE_URL", "postgresql://u@db.example/d?sslmode=verify-full", ""},
      {"DATABASE_URL", "postgresql://u@127.0.0.1/d", ""},
      {"DATABASE_URL", "postgresql:///d?host=/run/postgresql", ""},
      {"DATABASE_URL", "postgresql:///d?host=db.example",
       "add ?sslmode=verify-full&sslrootcert=FILE"},
      {"REDIS_URL", "redis+sentinel://localhost,b.example/m", "use rediss+sentinel://"},
      {"REDIS_URL", "rediss://cache.example", ""},
      {"REDIS_URL", "redis://[::1]:6379", ""},
      {"NEO4J_URI", "bolt://g.example", "use bolt+s://"},
      {"NEO4J_URI", "neo4j+ssc://g.example", "use neo4j+s:// and neo4j.ca_file"},
      {"NATS_URL", "nats://token@n.example:4222", "use tls://"},
      {"CONSUL_HTTP_ADDR", "c.example:8500", "use consul+https://"},
      {"ARCHIVIST_URL", "http://a.example/x", "use https://"},
      {"ARCHIVIST_URL", "http://localhost:3000", ""},
      {"AWS_ENDPOINT_URL", "http://s.example:9000", "use https://"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.value);
    const Findings findings = scene_of({{row.variable, row.value}}).transport();
    REQUIRE(findings.size() == (row.hint.empty() ? 0 : 1));
    if (row.hint.empty()) continue;
    CHECK(findings[0].hint == row.hint);
    CHECK(findings[0].level == State::warning);
  }
}

TEST_CASE("setup: files with secrets are for their owner, and nobody else changes any") {
  const test::Folder folder;
  const auto file = folder.write("env", "A=1\n");
  const auto found = [&](unsigned mode, bool secret) {
    fs::permissions(file, static_cast<fs::perms>(mode));
    const GuardedFile guarded{"env file", file, secret};
    std::string text;
    for (const Finding& finding : check_file_modes({&guarded, 1})) {
      text += std::string(state_name(finding.level)) + ": " + finding.what + ";";
    }
    return text;
  };
  CHECK(found(0600, true) == "");
  CHECK(found(0640, true) == "");
  CHECK(found(0644, false) == "");
  CHECK(found(0644, true) == "warning: others may read it (mode 0644);");
  CHECK(found(0602, false) == "critical: others may write to it (mode 0602);");
  const GuardedFile missing{"backup.identity_file", folder / "none"};
  const Findings findings = check_file_modes({&missing, 1});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].level == State::critical);
  CHECK(findings[0].what == "No such file or directory");
}

TEST_CASE("setup: guarded are files that are named, and a config file with a password in it") {
  const test::Folder folder;
  folder.write("password", "a good one\n");
  Scene scene = scene_of({{"REDIS_PASSWORD_FILE", (folder / "password").string()},
                          {"PRISMCTL_BACKUP_IDENTITY_FILE", "/etc/key"}});
  const auto guarded = [&](const std::string& config) {
    scene.sources.config_file = folder.write("c.toml", config);
    fs::permissions(scene.sources.config_file, fs::perms::owner_all);
    scene.sources.env_file = folder.write("e.env", "");
    return find_guarded_files(scene.sources, scene.settings());
  };
  const auto files = guarded("store = \"a.db\"\n");
  REQUIRE(files.size() == 4);
  CHECK(files[0].file == folder / "e.env");
  CHECK(files[1].what == "config file");
  CHECK_FALSE(files[1].secret);
  CHECK(files[2].what == "backup.identity_file");
  CHECK(files[3].file == folder / "password");
  CHECK(files[3].what == "environment REDIS_PASSWORD_FILE");
  CHECK(guarded("redis.password = \"x\"\n")[1].secret);
  CHECK(guarded("[targets.a]\nurl = \"postgresql://u:p@h/d\"\n")[1].secret);
}

TEST_CASE("setup: backups are made, verified and tested, and not too old") {
  const auto now = std::chrono::system_clock::now();
  health::BackupReport report;
  report.location = "b";
  CHECK(shown(check_backups(report, {}, now)) == "warning backups b: there is no backup");
  report.newest = backup::Backup{.id = "x",
                                 .state = backup::State::complete,
                                 .time = now - std::chrono::hours(25),
                                 .trouble = {},
                                 .manifest = {}};
  CHECK(shown(check_backups(report, {}, now)) ==
        "warning backups b: backups were never verified; warning backups b: a restore was never "
        "tested");
  const auto proof = [&](backup::ProofKind kind, int days) {
    return backup::KeptProof{kind, now - std::chrono::days(days), "x", backup::Outcome::good, "r"};
  };
  report.verified = proof(backup::ProofKind::verify, 7);
  report.restore_test = proof(backup::ProofKind::restore_test, 34);
  CHECK(check_backups(report, {}, now).empty());
  report.restore_test = proof(backup::ProofKind::restore_test, 36);
  report.newest->time = now - std::chrono::hours(27);
  const Findings old = check_backups(report, {}, now);
  REQUIRE(old.size() == 2);
  CHECK(old[0].what.starts_with("age of the newest backup: 97"));
  CHECK(old[1].what.starts_with("time since a restore was tested: "));
  const Findings strict = check_backups(report, {{"backup_age", {{}, 90'000.0}}}, now);
  REQUIRE(strict.size() == 2);
  CHECK(strict[0].level == State::critical);
}

TEST_CASE("setup: a system's env file has a good password wherever one belongs") {
  for (const System system : kSystems) {
    CAPTURE(system_name(system));
    int given = 0;
    const std::string text = make_system_env(
        system, [&] { return "Abcdefghijklmnopqrstuvwxyz0123" + std::to_string(10 + given++); });
    CHECK(given >= 1);
    CHECK(text.find('<') == std::string::npos);
    const auto parsed = config::parse_env(text, "env", [](auto) { return std::nullopt; });
    const Scene scene = scene_of({parsed.begin(), parsed.end()});
    CHECK(shown(scene.variables()) == "");
    CHECK(shown(scene.passwords()) == "");
    CHECK(shown(scene.redis()) == "");
    CHECK(shown(scene.transport()) == "");
    CHECK_FALSE(scene.targets().empty());
  }
}

}  // namespace prism::setup
