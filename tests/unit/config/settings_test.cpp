#include <map>
#include <set>
#include <string>

#include <prism/config/settings.hpp>

#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::config {
namespace {

using test::thrown_by;
using Variables = std::map<std::string, std::string>;

Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

/// Sources that see nothing of the machine that runs the tests.
Sources sources_of(Variables variables = {}) {
  Sources sources;
  sources.environment = environment_of(std::move(variables));
  sources.default_config_files.clear();
  return sources;
}

Settings resolve(Variables variables) {
  return Settings::resolve(sources_of(std::move(variables)));
}

}  // namespace

TEST_CASE("config: settings stand in the order of their numbers and are told apart") {
  std::set<std::string_view> keys;
  std::size_t index = 0;
  for (const SettingSpec& spec : setting_specs()) {
    CAPTURE(spec.key);
    CHECK(static_cast<std::size_t>(spec.setting) == index++);
    CHECK(&spec_of(spec.setting) == &spec);
    CHECK(keys.insert(spec.key).second);
    CHECK_FALSE(spec.help.empty());
    CHECK_FALSE(spec.help.ends_with('.'));
    if (spec.kind == SettingKind::integer) CHECK(spec.least < spec.greatest);
  }
}

TEST_CASE("config: with nothing configured the embedded default is used") {
  const Settings settings = resolve({{"HOME", "/home/prism"}});
  CHECK(settings.text(Setting::store) == "./prism.db");
  CHECK(settings.value(Setting::store).origin == "default");
  CHECK(settings.text(Setting::cache).empty());
  CHECK(settings.integer(Setting::entity_begin) == 1'000'000'000);
  CHECK(settings.integer(Setting::fact_begin) == 2'000'000'000);
  CHECK(settings.integer(Setting::temporary_end) == 1000);
  CHECK(settings.integer(Setting::lock_wait) == 0);
  CHECK(settings.text(Setting::log_level) == "info");
  CHECK(settings.text(Setting::log_format) == "text");
  CHECK(settings.text(Setting::audit_log) == "/home/prism/.local/state/prismctl/audit.jsonl");
}

TEST_CASE("config: the audit file lies where the XDG specification says") {
  CHECK(resolve({{"HOME", "/h"}, {"XDG_STATE_HOME", "/s"}}).text(Setting::audit_log) ==
        "/s/prismctl/audit.jsonl");
  CHECK(resolve({}).text(Setting::audit_log).empty());
}

TEST_CASE("config: flag, environment, env file, config file, the system's variables, default") {
  const test::Folder folder;
  Sources sources = sources_of({{"PRISMCTL_STORE", "of-environment"}, {"NEO4J_URI", "neo4j://e"}});
  sources.flags[Setting::store] = "of-flag";
  sources.env_file = folder.write("a.env", "PRISMCTL_STORE=of-env-file\nNEO4J_URI=neo4j://f\n");
  sources.config_file = folder.write("c.toml", "store = \"of-config\"\n");
  const auto found = [&] { return Settings::resolve(sources).value(Setting::store); };
  CHECK(found().text == "of-flag");
  CHECK(found().origin == "flag --store");
  sources.flags.clear();
  CHECK(found().text == "of-environment");
  CHECK(found().origin == "environment PRISMCTL_STORE");
  sources.environment = environment_of({{"NEO4J_URI", "neo4j://e"}});
  CHECK(found().text == (folder / "of-env-file").string());
  CHECK(found().origin == "env file " + sources.env_file.string() + ": PRISMCTL_STORE");
  folder.write("a.env", "NEO4J_URI=neo4j://f\n");
  CHECK(found().text == (folder / "of-config").string());
  CHECK(found().origin == "config file " + sources.config_file.string());
  sources.config_file.clear();
  CHECK(found().text == "neo4j://e");
  CHECK(found().origin == "environment NEO4J_URI");
  sources.environment = environment_of({});
  CHECK(found().text == "neo4j://f");
  sources.env_file.clear();
  CHECK(found().text == "./prism.db");
}

TEST_CASE("config: the first default config file that is there is read") {
  const test::Folder folder;
  Sources sources = sources_of();
  const auto second = folder.write("second.toml", "lock_wait = 2\n");
  sources.default_config_files = {folder / "missing.toml", second,
                                  folder.write("third.toml", "lock_wait = 3\n")};
  CHECK(Settings::resolve(sources).integer(Setting::lock_wait) == 2);
  sources.config_file = folder.write("named.toml", "lock_wait = 4\n");
  CHECK(Settings::resolve(sources).integer(Setting::lock_wait) == 4);
  sources.config_file = folder / "missing.toml";
  CHECK(thrown_by([&] { Settings::resolve(sources); }).code == ErrorCode::input_missing);
}

TEST_CASE("config: a value may be read from the file that X_FILE names") {
  const test::Folder folder;
  const auto file = folder.write("secret", "  sqlite:secret.db\n");
  CHECK(resolve({{"PRISMCTL_STORE_FILE", file.string()}}).value(Setting::store).text ==
        "sqlite:secret.db");
  CHECK(resolve({{"PRISMCTL_STORE_FILE", file.string()}}).value(Setting::store).origin ==
        "environment PRISMCTL_STORE_FILE");
  CHECK(resolve({{"PRISMCTL_STORE_FILE", file.string()}, {"PRISMCTL_STORE", "x"}})
            .text(Setting::store) == "x");
  const auto thrown = thrown_by([&] {
    resolve({{"PRISMCTL_STORE_FILE", (folder / "missing").string()}});
  });
  CHECK(thrown.code == ErrorCode::input_missing);
}

TEST_CASE("config: an empty variable counts as one that isn't set") {
  CHECK(resolve({{"PRISMCTL_STORE", ""}, {"PRISM_MIN_FREE_UID", ""}}).text(Setting::store) ==
        "./prism.db");
}

TEST_CASE("config: paths in an env file are relative to its folder") {
  const test::Folder folder;
  Sources sources = sources_of();
  sources.env_file = folder.write("hbi/.env",
                                  "PRISM_SEED_XLS_DIR=../workbooks\nPRISM_CSV_OUTPUT_DIR=/csv\n"
                                  "PRISMCTL_STORE=sqlite:///./data/prod.db\nPRISMCTL_CACHE=none\n"
                                  "PRISMCTL_LOG_FILE_FILE=name\n");
  folder.write("hbi/name", "prismctl.log");
  const Settings settings = Settings::resolve(sources);
  CHECK(settings.text(Setting::workbooks) == (folder / "workbooks").string());
  CHECK(settings.text(Setting::csv_folder) == "/csv");
  CHECK(settings.text(Setting::store) == (folder / "hbi/data/prod.db").string());
  CHECK(settings.text(Setting::cache) == "none");
  CHECK(settings.text(Setting::log_file) == (folder / "hbi/prismctl.log").string());
}

TEST_CASE("config: the cache of a system is found by either of its variables") {
  CHECK(resolve({{"REDIS_URL", "redis://a:1/0"}}).text(Setting::cache) == "redis://a:1/0");
  CHECK(resolve({{"PRISM_REDIS_ADDRESS", "b:6379"}}).text(Setting::cache) == "redis://b:6379");
  CHECK(resolve({{"REDIS_URL", "redis://a:1/0"}, {"PRISM_REDIS_ADDRESS", "b:6379"}})
            .text(Setting::cache) == "redis://a:1/0");
}

TEST_CASE("config: whole numbers are checked and written plainly") {
  CHECK(resolve({{"PRISM_MIN_FREE_UID", " 5000 "}}).text(Setting::entity_begin) == "5000");
  for (const char* bad : {"x", "1.5", "5,000", "-1", "0", "9007199254740993",
                          "99999999999999999999", "0x10", "1e3"}) {
    CAPTURE(bad);
    const auto thrown = thrown_by([&] { resolve({{"PRISM_MIN_FREE_UID", bad}}); });
    CHECK(thrown.code == ErrorCode::configuration);
    CHECK(thrown.message ==
          std::string("uid.entity_begin (environment PRISM_MIN_FREE_UID): found '") + bad +
              "', expected a whole number from 1 to 9007199254740992");
  }
}

TEST_CASE("config: a wrong flag is a usage error") {
  Sources sources = sources_of();
  sources.flags[Setting::lock_wait] = "soon";
  const auto thrown = thrown_by([&] { Settings::resolve(sources); });
  CHECK(thrown.code == ErrorCode::usage);
  CHECK(thrown.message ==
        "lock_wait (flag --lock-wait): found 'soon', expected a whole number from 0 to 86400");
}

TEST_CASE("config: choices are known in any case and in other programs' words") {
  for (const auto& [word, level] : Variables{{"INFO", "info"},
                                             {"Debug", "debug"},
                                             {"warn", "warning"},
                                             {"TRACE", "debug"},
                                             {"fatal", "error"},
                                             {"critical", "error"},
                                             {"off", "off"}}) {
    CAPTURE(word);
    CHECK(resolve({{"LOG_LEVEL", word}}).text(Setting::log_level) == level);
  }
  const auto thrown = thrown_by([] { resolve({{"PRISMCTL_LOG_LEVEL", "loud"}}); });
  CHECK(thrown.code == ErrorCode::configuration);
  CHECK(thrown.message ==
        "log.level (environment PRISMCTL_LOG_LEVEL): found 'loud', expected one "
        "of debug|info|warning|error|off");
  CHECK(thrown_by([] {
          resolve({{"PRISMCTL_LOG_FORMAT", "text|json"}});
        }).code == ErrorCode::configuration);
}

TEST_CASE("config: ranges of UIDs may touch but not overlap") {
  const auto limits = resolve({{"PRISM_MAX_TEMP_UID", "100"},
                               {"PRISM_MIN_FREE_UID", "100"},
                               {"PRISM_MIN_FREE_FACT_UID", "101"}})
                          .uid_limits();
  CHECK(limits.temporary_end == 100);
  CHECK(limits.entity_begin == 100);
  CHECK(limits.fact_begin == 101);
  for (const Variables& bad :
       {Variables{{"PRISM_MAX_TEMP_UID", "101"}, {"PRISM_MIN_FREE_UID", "100"}},
        Variables{{"PRISM_MIN_FREE_UID", "2000000000"}}}) {
    const auto thrown = thrown_by([&] { resolve(bad); });
    CHECK(thrown.code == ErrorCode::configuration);
    CHECK(thrown.says("UID ranges overlap"));
    CHECK(thrown.hint.find("PRISM_MAX_TEMP_UID") != std::string::npos);
  }
}

TEST_CASE("config: a word of another program for a shared variable leaves the default") {
  const auto settings = resolve({{"LOG_LEVEL", "notice"}});
  CHECK(settings.text(Setting::log_level) == "info");
  CHECK(settings.value(Setting::log_level).origin == "default: 'notice' of environment LOG_LEVEL");
}

TEST_CASE("config: Neo4j is reached as the variables of the systems say") {
  const config::Neo4jSettings settings = resolve({{"NEO4J_USER", "prism"},
                                                  {"NEO4J_PASSWORD", "p"},
                                                  {"NEO4J_TIMEOUT", "1500"},
                                                  {"NEO4J_MAX_CONNECTIONS", "7"},
                                                  {"NEO4J_BATCH_SIZE", "500"},
                                                  {"PRISM_NEO4J_IMPORT_DIR", "/import"},
                                                  {"PRISMCTL_NEO4J_CA_FILE", "/ca.crt"}})
                                             .servers()
                                             .neo4j;
  CHECK(settings.user == "prism");
  CHECK(settings.password == "p");
  CHECK(settings.timeout == std::chrono::milliseconds(1500));
  CHECK(settings.max_connections == 7);
  CHECK(settings.batch_size == 500);
  CHECK(settings.import_dir == "/import");
  CHECK(settings.ca_file == "/ca.crt");
  CHECK(resolve({}).servers().neo4j.user == "neo4j");
}

}  // namespace prism::config
