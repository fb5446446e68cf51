#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/targets.hpp>
#include <prism/config/url.hpp>

namespace prism::config {
namespace {

constexpr const char* kPostgres = "postgresql";
constexpr const char* kSqlite = "sqlite";
constexpr const char* kRedis = "redis";
constexpr const char* kNeo4j = "neo4j";
constexpr const char* kS3 = "s3";
constexpr const char* kConsul = "consul";
constexpr const char* kNats = "nats";
constexpr const char* kHttp = "http";
constexpr const char* kGrpc = "grpc";
constexpr const char* kTcp = "tcp";

bool is_postgres(const std::string& url) {
  const std::string scheme = scheme_of(url);
  return scheme == "postgres" || scheme == kPostgres;
}

bool is_redis(const std::string& url) {
  const std::string scheme = scheme_of(url);
  return scheme == "unix" || scheme.starts_with("redis");
}

bool is_consul(const std::string& url) {
  const std::string scheme = scheme_of(url);
  return scheme == kConsul || scheme == "consul+https";
}

bool is_neo4j(const std::string& url) {
  const std::string scheme = scheme_of(url);
  return scheme.starts_with("bolt") || scheme.starts_with(kNeo4j);
}

bool is_nats(const std::string& url) {
  const std::string scheme = scheme_of(url);
  return scheme == kNats || scheme == "tls";
}

bool is_http(const std::string& url) {
  const std::string scheme = scheme_of(url);
  return scheme == kHttp || scheme == "https";
}

bool is_grpc(const std::string& url) {
  const std::string scheme = scheme_of(url);
  return scheme == kGrpc || scheme == "grpcs";
}

bool is_s3(const std::string& url) { return scheme_of(url) == kS3; }

bool is_sqlite(const std::string& url) { return scheme_of(url) == kSqlite; }

std::string resolved(const std::string& url, const std::filesystem::path& folder) {
  return folder.empty() ? url : resolve_against(url, folder);
}

/// What other programs write into such a URL and libpq refuses. `schema` is the first.
constexpr std::array<std::string_view, 8> kForeignParameters{
    "schema",         "connection_limit",     "pool_timeout", "pgbouncer",
    "socket_timeout", "statement_cache_size", "sslaccept",    "sslidentity"};

Target postgres_target(const std::string& name, std::string url, const std::string& origin) {
  const std::string schema = take_parameters(url, kForeignParameters);
  return {name, kPostgres, url, schema, origin};
}

// ---- from variables -----------------------------------------------------------------------------

/// The parts of a URL that a system has as variables of their own.
struct Parts {
  std::string host = "localhost";
  std::string port = "5432";
  std::string user = "postgres";
  std::string password;
  std::string database;  ///< empty: that of the user
};

std::string url_of(const Parts& parts) {
  const bool address = parts.host.find(':') != std::string::npos;
  const std::string host = address ? "[" + parts.host + "]" : percent_encoded(parts.host);
  return fmt::format("postgresql://{}{}@{}:{}/{}", percent_encoded(parts.user),
                     parts.password.empty() ? "" : ":" + percent_encoded(parts.password), host,
                     percent_encoded(parts.port),
                     percent_encoded(parts.database.empty() ? parts.user : parts.database));
}

void add_from_url(std::vector<Target>& targets, const OpenSources& sources) {
  const auto url = sources.find_variable(Variable{"DATABASE_URL"});
  if (!url) return;
  if (is_postgres(url->text)) targets.push_back(postgres_target("store", url->text, url->origin));
  if (!is_sqlite(url->text)) return;
  targets.push_back({"store", kSqlite, resolved(url->text, url->folder), "", url->origin});
}

/// A port alone tells of no database.
void add_from_parts(std::vector<Target>& targets, const OpenSources& sources) {
  Parts parts;
  std::string origin;
  const auto take = [&](std::string_view name, std::string& into) {
    const auto found = sources.find_variable(Variable{name});
    if (!found) return;
    into = found->text;
    if (origin.empty() && name != "POSTGRES_PORT") origin = found->origin;
  };
  take("POSTGRES_HOST", parts.host);
  take("POSTGRES_PORT", parts.port);
  take("POSTGRES_DB", parts.database);
  take("POSTGRES_USER", parts.user);
  take("POSTGRES_PASSWORD", parts.password);
  if (!origin.empty()) targets.push_back({"store", kPostgres, url_of(parts), "", origin});
}

/// A database of the platform that has two: its password tells that there is one. `prefix` is of
/// the variables that say where it is not as usual.
void add_by_password(std::vector<Target>& targets, const OpenSources& sources,
                     const std::string& name, const std::string& prefix, Parts parts) {
  const auto find = [&](const char* part) {
    return sources.find_variable(Variable{prefix + part});
  };
  const auto password = find("_PASSWORD");
  if (!password) return;
  parts.password = password->text;
  if (const auto host = find("_HOST")) parts.host = host->text;
  if (const auto port = find("_PORT")) parts.port = port->text;
  if (const auto user = find("_USER")) parts.user = user->text;
  if (const auto database = find("_DB")) parts.database = database->text;
  targets.push_back({name, kPostgres, url_of(parts), "", password->origin});
}

void add_redis(std::vector<Target>& targets, const OpenSources& sources) {
  const auto url = sources.find_variable(spec_of(Setting::cache).other_environment);
  if (url && is_redis(url->text)) targets.push_back({"cache", kRedis, url->text, "", url->origin});
}

bool is_true(std::string_view text) {
  return text == "1" || equals_ignoring_case(text, "true") || equals_ignoring_case(text, "t");
}

/// What Consul's own command line takes: `HOST:PORT`, or an http:// or https:// URL, whose ports
/// are those of HTTP where it names none.
std::string consul_url(const std::string& address, bool ssl) {
  const std::string scheme = lower_case(address.substr(0, address.find("://")));
  const bool is_url = scheme == "http" || scheme == "https";
  std::string server = is_url ? address.substr(scheme.size() + 3) : address;
  if (server.ends_with('/')) server.pop_back();
  const auto behind = server.rfind(']');
  const bool has_port = server.find(':', behind == std::string::npos ? 0 : behind) != server.npos;
  if (is_url && !has_port) server += scheme == "https" ? ":443" : ":80";
  return (ssl || scheme == "https" ? "consul+https://" : "consul://") + server;
}

void add_consul(std::vector<Target>& targets, const OpenSources& sources) {
  const auto address = sources.find_variable(Variable{"CONSUL_HTTP_ADDR"});
  if (!address) return;
  const auto ssl = sources.find_variable(Variable{"CONSUL_HTTP_SSL"});
  targets.push_back({kConsul, kConsul, consul_url(address->text, ssl && is_true(ssl->text)), "",
                     address->origin});
}

void add_neo4j(std::vector<Target>& targets, const OpenSources& sources) {
  const auto url = sources.find_variable(Variable{"NEO4J_URI"});
  if (url && is_neo4j(url->text)) targets.push_back({"graph", kNeo4j, url->text, "", url->origin});
}

/// The server is named, for the repository's may be another.
std::string minio_url(const std::string& bucket, const OpenSources& sources) {
  const auto endpoint = sources.find_variable(Variable{"MINIO_ENDPOINT"});
  return "s3://" + bucket +
         "?endpoint=" + percent_encoded(endpoint ? endpoint->text : "http://localhost:9000");
}

/// MinIO's bucket.
void add_objects(std::vector<Target>& targets, const OpenSources& sources) {
  const auto bucket = sources.find_variable(Variable{"MINIO_BUCKET_NAME"});
  const bool has_server = sources.find_variable(Variable{"MINIO_ENDPOINT"}) ||
                          sources.find_variable(Variable{"MINIO_ROOT_USER"});
  if (!bucket || !has_server) return;
  targets.push_back({"objects", kS3, minio_url(bucket->text, sources), "", bucket->origin});
}

/// Other programs take host:port alone as well.
void add_nats(std::vector<Target>& targets, const OpenSources& sources) {
  const auto url = sources.find_variable(Variable{"NATS_URL"});
  if (!url || url->text.empty()) return;
  const bool has_scheme = url->text.find("://") != std::string::npos;
  targets.push_back(
      {kNats, kNats, has_scheme ? url->text : "nats://" + url->text, "", url->origin});
}

// ---- what systems have beside databases ---------------------------------------------------------

void add_service(std::vector<Target>& targets, const OpenSources& sources, const std::string& name,
                 std::string_view variable, const std::string& path, const std::string& expect) {
  const auto port = sources.find_variable(Variable{variable});
  if (!port) return;
  targets.push_back({name, kHttp, "http://localhost:" + port->text + path, "", port->origin});
  targets.back().watching.expect = expect;
}

/// A service of others, without which the system works worse but works.
void add_upstream(std::vector<Target>& targets, const OpenSources& sources) {
  const auto url = sources.find_variable(Variable{"ARCHIVIST_URL"});
  if (!url || !is_http(url->text)) return;
  targets.push_back({"archivist", kHttp, url->text, "", url->origin});
  targets.back().watching.upstream = true;
}

void add_grpc(std::vector<Target>& targets, const OpenSources& sources, const std::string& name,
              std::string_view variable) {
  const auto address = sources.find_variable(Variable{variable});
  if (!address) return;
  targets.push_back({name, kGrpc, "grpc://" + address->text, "", address->origin});
}

/// That of the first database, where there are both of the platform.
std::optional<Found> platform_password(const OpenSources& sources) {
  if (!sources.find_variable(Variable{"POSTGRES_OPS_PASSWORD"})) return {};
  return sources.find_variable(Variable{"POSTGRES_AUTH_PASSWORD"});
}

/// The platform of two databases names no hosts of what else it is made of.
void add_platform(std::vector<Target>& targets, const OpenSources& sources) {
  const auto auth = platform_password(sources);
  if (!auth) return;
  targets.push_back({kNats, kNats, "nats://localhost:4222", "", auth->origin});
  targets.push_back({kConsul, kConsul, "consul://localhost:8500", "", auth->origin});
  targets.push_back({"health", kHttp, "http://localhost:9080/health/ready", "", auth->origin});
  const auto minio = sources.find_variable(Variable{"MINIO_ROOT_USER"});
  if (!minio) return;
  targets.push_back({"objects", kS3, minio_url("prism-backups", sources), "", minio->origin});
}

// ---- from the config file -----------------------------------------------------------------------

void add_from_config(std::vector<Target>& targets, const OpenSources& sources) {
  const std::string origin = sources.config_origin();
  const std::filesystem::path folder = sources.config_folder();
  for (const auto& [name, configured] : sources.config().targets) {
    if (!configured.paths.empty()) {
      std::vector<std::string> paths;
      for (const std::string& path : configured.paths) paths.push_back(folder / path);
      targets.push_back({name, "files", "", "", origin, paths});
    } else {
      targets.push_back(target_of_url(name, configured.url, folder, origin));
    }
    targets.back().before = configured.before;
    targets.back().after = configured.after;
    targets.back().time_limit = configured.time_limit;
    targets.back().scratch = configured.scratch;
    targets.back().dump_command = configured.dump_command;
    targets.back().load_command = configured.load_command;
    targets.back().watching = configured.watching;
    std::string& migrations = targets.back().watching.migrations;
    if (!migrations.empty()) migrations = (folder / migrations).lexically_normal().string();
  }
}

std::string known_names(const std::vector<Target>& targets) {
  std::string names;
  for (const Target& target : targets) names += (names.empty() ? "" : ", ") + target.name;
  return names;
}

}  // namespace

Target target_of_url(const std::string& name, const std::string& url,
                     const std::filesystem::path& folder, const std::string& origin) {
  if (is_postgres(url)) return postgres_target(name, url, origin);
  if (is_sqlite(url)) return {name, kSqlite, resolved(url, folder), "", origin};
  if (is_redis(url)) return {name, kRedis, url, "", origin};
  if (is_neo4j(url)) return {name, kNeo4j, url, "", origin};
  if (is_s3(url)) return {name, kS3, url, "", origin};
  if (is_consul(url)) return {name, kConsul, url, "", origin};
  if (is_nats(url)) return {name, kNats, url, "", origin};
  if (is_http(url)) return {name, kHttp, url, "", origin};
  if (is_grpc(url)) return {name, kGrpc, url, "", origin};
  if (scheme_of(url) == kTcp) return {name, kTcp, url, "", origin};
  throw Error(ErrorCode::configuration,
              fmt::format("targets.{}.url ({}): found {}, expected postgresql://…, sqlite:…, "
                          "bolt://…, redis://…, nats://…, consul://…, s3://…, http://…, "
                          "grpc://… or tcp://…",
                          name, origin, in_quotes(without_password(url))));
}

std::vector<Target> find_targets(const Sources& sources) {
  const OpenSources opened(sources);
  std::vector<Target> targets;
  add_from_config(targets, opened);
  add_from_url(targets, opened);
  add_from_parts(targets, opened);
  add_by_password(targets, opened, "auth", "POSTGRES_AUTH",
                  {"localhost", "5432", "prism", "", "prism_auth"});
  add_by_password(targets, opened, "ops", "POSTGRES_OPS",
                  {"localhost", "5433", "prism", "", "prism_ops"});
  add_redis(targets, opened);
  add_neo4j(targets, opened);
  add_objects(targets, opened);
  add_consul(targets, opened);
  add_nats(targets, opened);
  add_service(targets, opened, "api", "PRISM_PORT", "/status", "operational");
  add_service(targets, opened, "api", "RELICA_CLARITY_API_PORT", "/health", "healthy");
  add_upstream(targets, opened);
  add_grpc(targets, opened, "auth-grpc", "PRISM_AUTH_GRPC_ADDRESS");
  add_grpc(targets, opened, "config-grpc", "PRISM_CONFIG_GRPC_ADDRESS");
  add_platform(targets, opened);
  const auto by_name = [](const Target& a, const Target& b) { return a.name < b.name; };
  const auto same_name = [](const Target& a, const Target& b) { return a.name == b.name; };
  std::stable_sort(targets.begin(), targets.end(), by_name);
  targets.erase(std::unique(targets.begin(), targets.end(), same_name), targets.end());
  return targets;
}

std::vector<std::string> find_others(const Sources& sources) {
  const OpenSources opened(sources);
  std::vector<std::string> others;
  const auto url = opened.find_variable(Variable{"DATABASE_URL"});
  if (url && !is_postgres(url->text) && !is_sqlite(url->text)) {
    others.emplace_back("DATABASE_URL names neither PostgreSQL nor SQLite");
  }
  const bool has_bucket =
      opened.find_variable(Variable{"MINIO_BUCKET_NAME"}) || platform_password(opened);
  if (opened.find_variable(Variable{"MINIO_ENDPOINT"}) && !has_bucket) {
    others.emplace_back("MINIO_ENDPOINT names a server, but MINIO_BUCKET_NAME no bucket");
  }
  return others;
}

const Target& target_named(const std::vector<Target>& targets, const std::string& name) {
  for (const Target& target : targets) {
    if (target.name == name) return target;
  }
  if (targets.empty()) {
    throw Error(ErrorCode::usage, "unknown target " + in_quotes(name) + ": none is configured",
                "name one by DATABASE_URL, POSTGRES_HOST and the like, or [targets.NAME] in the "
                "config file");
  }
  const auto nearest =
      std::min_element(targets.begin(), targets.end(), [&](const Target& a, const Target& b) {
        return edit_distance(name, a.name) < edit_distance(name, b.name);
      });
  const bool near = edit_distance(name, nearest->name) <= std::max<std::size_t>(2, name.size() / 3);
  throw Error(
      ErrorCode::usage,
      fmt::format("unknown target {}; known are {}", in_quotes(name), known_names(targets)),
      near ? "did you mean " + in_quotes(nearest->name) + "?" : "prismctl config shows them all");
}

}  // namespace prism::config
