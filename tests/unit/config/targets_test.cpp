#include <algorithm>

#include <fmt/format.h>

#include <prism/config/settings.hpp>
#include <prism/config/targets.hpp>
#include <prism/config/url.hpp>

#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::config {
namespace {

using test::thrown_by;
using Map = std::map<std::string, std::string>;

Sources sources_of(Map variables) {
  Sources sources;
  sources.environment =
      [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  sources.default_config_files.clear();
  return sources;
}

std::string kind_of(const std::string& url) {
  const std::string scheme = scheme_of(url);
  return scheme == "postgres" ? "postgresql" : scheme;
}

/// `name=url`, with ` schema` behind it if there is one, separated by blanks.
std::string shown(const Sources& sources) {
  std::string text;
  for (const Target& target : find_targets(sources)) {
    CHECK(target.kind == (target.paths.empty() ? kind_of(target.url) : "files"));
    CHECK_FALSE(target.origin.empty());
    text += fmt::format("{}{}={}{}{}", text.empty() ? "" : " ", target.name, target.url,
                        target.schema.empty() ? "" : " in ", target.schema);
  }
  return text;
}

}  // namespace

TEST_CASE("config: the databases of a system are found by the variables that it has") {
  CHECK(shown(sources_of({})) == "");
  CHECK(shown(sources_of({{"DATABASE_URL", "postgresql://u:p@h:5/d?schema=public"}})) ==
        "store=postgresql://u:p@h:5/d in public");
  CHECK(shown(sources_of({{"DATABASE_URL",
                           "postgres://h/d?sslmode=require&schema=a%62"
                           "&connection_limit=5&connect_timeout=3"}})) ==
        "store=postgres://h/d?sslmode=require&connect_timeout=3 in ab");
  CHECK(shown(sources_of({{"DATABASE_URL", "sqlite:///./data/prod.db"}})) ==
        "store=sqlite:///./data/prod.db");
  CHECK(shown(sources_of({{"DATABASE_URL", "mysql://h/d"}})) == "");
  CHECK(shown(sources_of({{"POSTGRES_PORT", "5555"}})) == "");
  CHECK(shown(sources_of({{"POSTGRES_HOST", "db"},
                          {"POSTGRES_PORT", "5555"},
                          {"POSTGRES_USER", "u"},
                          {"POSTGRES_PASSWORD", "p"},
                          {"POSTGRES_DB", "d"}})) == "store=postgresql://u:p@db:5555/d");
  CHECK(shown(sources_of({{"POSTGRES_DB", "d"}})) ==
        "store=postgresql://postgres@localhost:5432/d");
  CHECK(shown(sources_of({{"POSTGRES_HOST", "::1"}})) ==
        "store=postgresql://postgres@[::1]:5432/postgres");
  CHECK(shown(sources_of({{"POSTGRES_HOST", "/run/pg"}})) ==
        "store=postgresql://postgres@%2Frun%2Fpg:5432/postgres");
  CHECK(shown(sources_of({{"POSTGRES_AUTH_PASSWORD", "a"}, {"POSTGRES_OPS_PASSWORD", "o"}})) ==
        "auth=postgresql://prism:a@localhost:5432/prism_auth consul=consul://localhost:8500 "
        "health=http://localhost:9080/health/ready nats=nats://localhost:4222 "
        "ops=postgresql://prism:o@localhost:5433/prism_ops");
}

TEST_CASE("config: MinIO's bucket is the target objects, on the server that is named with it") {
  const auto found = [](const Map& variables) {
    std::string text;
    for (const Target& target : find_targets(sources_of(variables))) {
      text += target.name + " " + target.kind + " " + target.url + " from " + target.origin;
    }
    return text;
  };
  CHECK(found({{"MINIO_ENDPOINT", "minio:9000"}, {"MINIO_BUCKET_NAME", "books"}}) ==
        "objects s3 s3://books?endpoint=minio%3A9000 from environment MINIO_BUCKET_NAME");
  CHECK(found({{"MINIO_ROOT_USER", "u"}, {"MINIO_BUCKET_NAME", "books"}})
            .find("s3://books?endpoint=http%3A%2F%2Flocalhost%3A9000 ") != std::string::npos);
  CHECK(found({{"MINIO_BUCKET_NAME", "books"}}).empty());
  CHECK(found({{"MINIO_ENDPOINT", "minio:9000"}, {"MINIO_ROOT_USER", "u"}}).empty());
  const test::Folder folder;
  Sources sources = sources_of({});
  sources.config_file =
      folder.write("c.toml", "[targets.x]\nurl = \"s3://books/part?region=eu-west-3\"\n");
  CHECK(find_targets(sources).at(0).kind == "s3");
}

TEST_CASE("config: NATS is found by its URL, which needs no scheme") {
  const auto nats = [](const std::string& url) {
    const auto targets = find_targets(sources_of({{"NATS_URL", url}}));
    REQUIRE(targets.size() == 1);
    CHECK(targets[0].kind == "nats");
    CHECK(targets[0].name == "nats");
    return targets[0].url;
  };
  CHECK(nats("nats://u:p@h:4222") == "nats://u:p@h:4222");
  CHECK(nats("tls://h1,h2") == "tls://h1,h2");
  CHECK(nats("localhost:4222") == "nats://localhost:4222");
  CHECK(without_password("nats://token@h") == "nats://***@h");
  CHECK(without_password("nats://u:p@h1,nats://token@h2") == "nats://***@h2");
  CHECK(is_same_place("nats://localhost", "nats://u:p@127.0.0.1:4222"));
}

TEST_CASE("config: a graph is a target by NEO4J_URI, or by its URL in the config file") {
  const auto found = find_targets(sources_of({{"NEO4J_URI", "neo4j+s://h:1/db"}}));
  REQUIRE(found.size() == 1);
  CHECK(found[0].name == "graph");
  CHECK(found[0].kind == "neo4j");
  CHECK(found[0].url == "neo4j+s://h:1/db");
  CHECK(find_others(sources_of({{"NEO4J_URI", "bolt://h"}})).empty());
  const test::Folder folder;
  Sources sources = sources_of({});
  sources.config_file = folder.write(
      "a.toml", "[targets.people]\nurl = 'bolt://h'\ndump_command = 'a'\nload_command = 'b'\n");
  const auto configured = find_targets(sources);
  REQUIRE(configured.size() == 1);
  CHECK(configured[0].kind == "neo4j");
  CHECK(configured[0].dump_command == "a");
  CHECK(configured[0].load_command == "b");
}

TEST_CASE("config: a password with any characters stays what it is") {
  const std::string password = "p@ss:w/ö?r#d%20&= '\"\\";
  const auto targets = find_targets(sources_of({{"POSTGRES_OPS_PASSWORD", password}}));
  REQUIRE(targets.size() == 1);
  const std::string url = targets[0].url;
  CHECK(url.starts_with("postgresql://prism:"));
  CHECK(url.ends_with("@localhost:5433/prism_ops"));
  const auto begin = std::string("postgresql://prism:").size();
  CHECK(percent_decoded(url.substr(begin, url.find('@') - begin)) == password);
  CHECK(without_password(url) == "postgresql://prism:***@localhost:5433/prism_ops");
}

TEST_CASE("config: where a target comes from, the strongest first") {
  const test::Folder folder;
  Sources sources = sources_of({});
  const auto store = [&] {
    const auto targets = find_targets(sources);
    REQUIRE(targets.size() == 1);
    return targets[0].url + " " + targets[0].origin;
  };
  sources.env_file = folder.write(".env", "POSTGRES_PASSWORD_FILE=secret\nPOSTGRES_USER=u\n");
  folder.write("secret", "s3\n");
  const std::string of_file = "env file " + sources.env_file.string() + ": ";
  CHECK(store() == "postgresql://u:s3@localhost:5432/u " + of_file + "POSTGRES_USER");
  folder.write(".env", "DATABASE_URL=postgres://h/e\nPOSTGRES_USER=u\n");
  CHECK(store() == "postgres://h/e " + of_file + "DATABASE_URL");
  sources.environment = sources_of({{"DATABASE_URL", "postgres://h/f"}}).environment;
  CHECK(store() == "postgres://h/f environment DATABASE_URL");
  sources.config_file = folder.write("c.toml", "[targets.store]\nurl = \"postgres://h/c\"\n");
  CHECK(store() == "postgres://h/c config file " + sources.config_file.string());
}

TEST_CASE("config: Consul is found by the variables of its own command line") {
  const auto found = [](Map variables) {
    const auto targets = find_targets(sources_of(std::move(variables)));
    REQUIRE(targets.size() == 1);
    CHECK(targets[0].name == "consul");
    CHECK(targets[0].kind == "consul");
    CHECK(targets[0].origin == "environment CONSUL_HTTP_ADDR");
    return targets[0].url;
  };
  struct Row {
    const char* address;
    const char* url;
    const char* by_ssl;
  };
  const Row rows[] = {
      {"h", "consul://h", "consul+https://h"},
      {"h:8500", "consul://h:8500", "consul+https://h:8500"},
      {"http://h:8500", "consul://h:8500", "consul+https://h:8500"},
      {"HTTP://h", "consul://h:80", "consul+https://h:80"},
      {"https://h/", "consul+https://h:443", "consul+https://h:443"},
      {"https://[::1]", "consul+https://[::1]:443", "consul+https://[::1]:443"},
      {"http://[::1]:9", "consul://[::1]:9", "consul+https://[::1]:9"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.address);
    CHECK(found({{"CONSUL_HTTP_ADDR", row.address}}) == row.url);
    CHECK(found({{"CONSUL_HTTP_ADDR", row.address}, {"CONSUL_HTTP_SSL", "false"}}) == row.url);
    CHECK(found({{"CONSUL_HTTP_ADDR", row.address}, {"CONSUL_HTTP_SSL", "true"}}) == row.by_ssl);
  }
  CHECK(find_targets(sources_of({{"CONSUL_HTTP_TOKEN", "t"}})).empty());
  CHECK(find_others(sources_of({{"CONSUL_HTTP_ADDR", "h"}})).empty());
  const ConsulSettings settings =
      Settings::resolve(sources_of({{"CONSUL_HTTP_TOKEN", "t"}, {"CONSUL_CACERT", "/ca.pem"}}))
          .servers()
          .consul;
  CHECK(settings.token == "t");
  CHECK(settings.ca_file == "/ca.pem");
  CHECK(settings.timeout == std::chrono::seconds(30));
}

TEST_CASE("config: services of a system are found by the variables that it has") {
  CHECK(shown(sources_of({{"PRISM_PORT", "3005"}})) == "api=http://localhost:3005/status");
  CHECK(shown(sources_of(
            {{"RELICA_CLARITY_API_PORT", "3001"}, {"ARCHIVIST_URL", "http://archivist:7000/x"}})) ==
        "api=http://localhost:3001/health archivist=http://archivist:7000/x");
  CHECK(shown(sources_of({{"PRISM_AUTH_GRPC_ADDRESS", "auth:50051"},
                          {"PRISM_CONFIG_GRPC_ADDRESS", "config:50052"}})) ==
        "auth-grpc=grpc://auth:50051 config-grpc=grpc://config:50052");
  const auto targets =
      find_targets(sources_of({{"PRISM_PORT", "3005"}, {"ARCHIVIST_URL", "http://a"}}));
  CHECK(targets.at(0).watching.expect == "operational");
  CHECK_FALSE(targets.at(0).watching.upstream);
  CHECK(targets.at(1).watching.upstream);
}

TEST_CASE("config: the platform of two databases has more on this machine, unless it names it") {
  CHECK(shown(sources_of({{"POSTGRES_AUTH_PASSWORD", "a"},
                          {"POSTGRES_OPS_PASSWORD", "o"},
                          {"NATS_URL", "nats://other"},
                          {"CONSUL_HTTP_ADDR", "other:1"},
                          {"MINIO_ROOT_USER", "u"}})) ==
        "auth=postgresql://prism:a@localhost:5432/prism_auth consul=consul://other:1 "
        "health=http://localhost:9080/health/ready nats=nats://other "
        "objects=s3://prism-backups?endpoint=http%3A%2F%2Flocalhost%3A9000 "
        "ops=postgresql://prism:o@localhost:5433/prism_ops");
}

TEST_CASE("config: the platform of two databases may name where they and its bucket are") {
  const Map variables{{"POSTGRES_AUTH_PASSWORD", "a"}, {"POSTGRES_AUTH_HOST", "db1"},
                      {"POSTGRES_AUTH_PORT", "1"},     {"POSTGRES_AUTH_USER", "u"},
                      {"POSTGRES_AUTH_DB", "d"},       {"POSTGRES_OPS_PASSWORD", "o"},
                      {"POSTGRES_OPS_PORT", "2"},      {"MINIO_ROOT_USER", "u"},
                      {"MINIO_ENDPOINT", "minio:9"}};
  CHECK(shown(sources_of(variables)) ==
        "auth=postgresql://u:a@db1:1/d consul=consul://localhost:8500 "
        "health=http://localhost:9080/health/ready nats=nats://localhost:4222 "
        "objects=s3://prism-backups?endpoint=minio%3A9 "
        "ops=postgresql://prism:o@localhost:2/prism_ops");
  CHECK(find_others(sources_of(variables)).empty());
}

TEST_CASE("config: how a target is looked at") {
  const test::Folder folder;
  Sources sources = sources_of({});
  sources.config_file =
      folder.write("c.toml",
                   "[targets.x]\nurl = 'redis://h'\nstatus_time_limit = 9\nupstream = true\n"
                   "expect = 'e'\nqueues = ['a', 'b']\ndead_letters = ['c']\ndata_folder = 'd'\n"
                   "warn = { queue = 7, memory = 1.5 }\ncritical = { queue = 70 }\n");
  const Watching watching = find_targets(sources).at(0).watching;
  CHECK(watching.time_limit == std::chrono::seconds(9));
  CHECK(watching.upstream);
  CHECK(watching.expect == "e");
  CHECK(watching.queues == std::vector<std::string>{"a", "b"});
  CHECK(watching.dead_letters == std::vector<std::string>{"c"});
  CHECK(watching.data_folder == "d");
  CHECK(watching.warn == std::map<std::string, double>{{"memory", 1.5}, {"queue", 7}});
  CHECK(watching.critical == std::map<std::string, double>{{"queue", 70}});
}

TEST_CASE("config: the config file may name any target") {
  const test::Folder folder;
  Sources sources = sources_of({});
  sources.config_file =
      folder.write("c.toml",
                   "[targets]\nx.url = \"postgresql://h/x?schema=s\"\n[targets.a-b]\nurl = "
                   "'postgres:///y'\n");
  CHECK(shown(sources) == "a-b=postgres:///y x=postgresql://h/x in s");
  sources.config_file = folder.write("c.toml", "[targets.x]\nurl = \"mysql://u:p4ss@h/x\"\n");
  const auto thrown = thrown_by([&] { find_targets(sources); });
  CHECK(thrown.code == ErrorCode::configuration);
  CHECK(thrown.says("targets.x.url (config file "));
  CHECK(thrown.says("found 'mysql://u:***@h/x', expected postgresql://…"));
}

TEST_CASE("config: tables of targets are checked") {
  struct Row {
    const char* text;
    const char* says;
  };
  const Row rows[] = {
      {"[targets.x]\nurl = \"postgres:///x\"\nuser = \"u\"\n",
       "line 3: unknown key 'targets.x.user'"},
      {"[targets.x]\n", "no target: 'targets.x'"},
      {"[targets]\nx = \"postgres:///x\"\n", "line 2: no target: 'targets.x'"},
      {"[targets.\"A b\"]\nurl = \"postgres:///x\"\n", "no target: 'targets.A b'"},
      {"[targets.x]\nurl = true\n", "line 2: 'targets.x.url' is neither a text nor"},
      {"targets = 3\n", "line 1: unknown key 'targets'"},
      {"[targets.x]\nurl = \"tcp://h:1\"\nwarn = 3\n", "'targets.x.warn' is no table of limits"},
      {"[targets.x]\nurl = \"tcp://h:1\"\nwarn = { a = 'b' }\n", "'targets.x.warn.a' is no number"},
      {"[targets.x]\nurl = \"tcp://h:1\"\nupstream = 1\n", "is neither true nor false"},
  };
  const test::Folder folder;
  for (const Row& row : rows) {
    CAPTURE(row.text);
    Sources sources = sources_of({});
    sources.config_file = folder.write("c.toml", row.text);
    const auto thrown = thrown_by([&] { find_targets(sources); });
    CHECK(thrown.code == ErrorCode::configuration);
    CHECK(thrown.says(row.says));
  }
}

TEST_CASE("config: targets are never taken as the fact store") {
  const auto settings =
      Settings::resolve(sources_of({{"DATABASE_URL", "postgres://h/d"}, {"POSTGRES_HOST", "h"}}));
  CHECK(settings.text(Setting::store) == "./prism.db");
}

TEST_CASE("config: an unknown target names those that there are") {
  const auto targets =
      find_targets(sources_of({{"POSTGRES_AUTH_PASSWORD", "a"}, {"POSTGRES_OPS_PASSWORD", "o"}}));
  CHECK(target_named(targets, "ops").name == "ops");
  const auto near = thrown_by([&] { target_named(targets, "opps"); });
  CHECK(near.code == ErrorCode::usage);
  CHECK(near.message == "unknown target 'opps'; known are auth, consul, health, nats, ops");
  CHECK(near.hint == "did you mean 'ops'?");
  CHECK(thrown_by([&] { target_named(targets, "warehouse"); }).hint ==
        "prismctl config shows them all");
  const auto none = thrown_by([] { target_named({}, "ops"); });
  CHECK(none.message == "unknown target 'ops': none is configured");
  CHECK(none.hint.find("DATABASE_URL") != std::string::npos);
}

}  // namespace prism::config
