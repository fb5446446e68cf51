#include <algorithm>
#include <array>

#include <prism/base/error.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/consul/component.hpp>
#include <prism/drivers/consul/scratch.hpp>
#include <prism/drivers/drivers.hpp>
#include <prism/drivers/files/component.hpp>
#include <prism/drivers/files/scratch.hpp>
#include <prism/drivers/nats/component.hpp>
#include <prism/drivers/nats/scratch.hpp>
#include <prism/drivers/neo4j/component.hpp>
#include <prism/drivers/neo4j/scratch.hpp>
#include <prism/drivers/postgres/component.hpp>
#include <prism/drivers/postgres/physical/cluster_component.hpp>
#include <prism/drivers/postgres/restore_test.hpp>
#include <prism/drivers/redis/component.hpp>
#include <prism/drivers/redis/rdb_file.hpp>
#include <prism/drivers/redis/scratch.hpp>
#include <prism/drivers/s3/component.hpp>
#include <prism/drivers/s3/scratch.hpp>
#include <prism/drivers/sqlite/component.hpp>
#include <prism/drivers/sqlite/scratch.hpp>

namespace prism::drivers {
namespace {

/// For another's transaction, which is over soon.
std::chrono::milliseconds sqlite_wait(std::chrono::seconds lock_wait) {
  constexpr std::chrono::milliseconds kShortest{5000};
  return std::max<std::chrono::milliseconds>(kShortest, lock_wait);
}

std::unique_ptr<backup::Component> open_sqlite_component(const config::Target& target,
                                                         const ComponentOptions& options, Log& log,
                                                         const Cancel& cancel) {
  return sqlite::open_component(
      {config::sqlite_path(target.url), options.scratch_folder, sqlite_wait(options.lock_wait)},
      log, cancel);
}

std::unique_ptr<backup::Component> open_files_component(const config::Target& target,
                                                        const ComponentOptions&, Log&,
                                                        const Cancel& cancel) {
  return files::open_component({target.paths, target.root.empty() ? "/" : target.root}, cancel);
}

std::unique_ptr<backup::ScratchTarget> make_scratch_file(const config::Target&,
                                                         const ComponentOptions& options, Log& log,
                                                         const Cancel& cancel) {
  return sqlite::make_scratch_file(options.scratch_folder, log, cancel);
}

std::unique_ptr<backup::ScratchTarget> make_scratch_folder(const config::Target&,
                                                           const ComponentOptions& options, Log&,
                                                           const Cancel& cancel) {
  return files::make_scratch_folder(options.scratch_folder, cancel);
}

postgres::ComponentOptions postgres_options(const std::string& url,
                                            const ComponentOptions& options) {
  return {.url = url,
          .wait = options.servers.wait,
          .settings = options.servers.postgres,
          .in_place = options.in_place,
          .force = options.force,
          .no_owner = options.no_owner,
          .no_acl = options.no_acl,
          .jobs = options.jobs,
          .scratch_folder = options.scratch_folder};
}

std::unique_ptr<backup::Component> open_postgres_component(const config::Target& target,
                                                           const ComponentOptions& options,
                                                           Log& log, const Cancel& cancel) {
  return postgres::open_component(postgres_options(target.url, options), log, cancel);
}

/// A URL is that of a server, a path that of a folder.
postgres::ClusterOptions cluster_options(const config::Target& target,
                                         const ComponentOptions& options) {
  const bool is_server = target.url.find("://") != std::string::npos;
  const PhysicalOptions& physical = options.physical;
  return {.server = postgres_options(is_server ? target.url : "", options),
          .folder = is_server ? "" : target.url,
          .repository = physical.repository,
          .delta = physical.delta,
          .level = physical.level,
          .threads = physical.threads,
          .key = {physical.recipients, physical.key_file, physical.identity_file},
          .earlier = physical.earlier,
          .recovery = physical.recovery,
          .tablespaces = physical.tablespaces,
          .rewrite = physical.rewrite};
}

std::unique_ptr<backup::Component> open_cluster_component(const config::Target& target,
                                                          const ComponentOptions& options, Log& log,
                                                          const Cancel& cancel) {
  return postgres::open_cluster(cluster_options(target, options), log, cancel);
}

std::unique_ptr<backup::ScratchTarget> make_scratch_cluster(const config::Target& target,
                                                            const ComponentOptions& options,
                                                            Log& log, const Cancel& cancel) {
  return postgres::make_scratch_cluster(cluster_options(target, options), log, cancel);
}

std::unique_ptr<backup::ScratchTarget> make_scratch_database(const config::Target& target,
                                                             const ComponentOptions& options,
                                                             Log& log, const Cancel& cancel) {
  auto scratch = postgres_options(target.scratch.empty() ? target.url : target.scratch, options);
  scratch.no_owner = true;
  scratch.no_acl = true;
  return postgres::make_scratch_target(std::move(scratch), log, cancel);
}

/// Artifacts are looked into without any server.
neo4j::Address neo4j_address(const std::string& url) {
  return url.empty() ? neo4j::Address() : neo4j::parse_address(url);
}

neo4j::ComponentOptions neo4j_options(const config::Target& target, const std::string& url,
                                      const ComponentOptions& options) {
  return {.connections = {.address = neo4j_address(url),
                          .settings = options.servers.neo4j,
                          .wait = options.servers.wait},
          .dump_command = target.dump_command,
          .load_command = target.load_command};
}

std::unique_ptr<backup::Component> open_neo4j_component(const config::Target& target,
                                                        const ComponentOptions& options, Log& log,
                                                        const Cancel& cancel) {
  return neo4j::open_component(neo4j_options(target, target.url, options), log, cancel);
}

std::unique_ptr<backup::ScratchTarget> make_scratch_graph(const config::Target& target,
                                                          const ComponentOptions& options, Log& log,
                                                          const Cancel& cancel) {
  return neo4j::make_scratch_graph(neo4j_options(target, target.scratch, options), log, cancel);
}

/// Artifacts are looked into without any server.
redis::Address redis_address(const std::string& url) {
  return url.empty() ? redis::Address() : redis::parse_address(url);
}

std::unique_ptr<backup::Component> open_redis_component(const config::Target& target,
                                                        const ComponentOptions& options, Log& log,
                                                        const Cancel& cancel) {
  const bool is_path = !target.url.empty() && config::scheme_of(target.url) == "sqlite";
  if (is_path) return redis::open_rdb_file(target.url, cancel);
  return redis::open_component({.address = redis_address(target.url),
                                .settings = options.servers.redis,
                                .wait = options.servers.wait,
                                .exact = options.exact,
                                .scratch_folder = options.scratch_folder},
                               log, cancel);
}

std::unique_ptr<backup::ScratchTarget> make_scratch_server(const config::Target&,
                                                           const ComponentOptions& options,
                                                           Log& log, const Cancel& cancel) {
  return redis::make_scratch_server(options.scratch_folder, log, cancel);
}

/// Artifacts are looked into without any server.
consul::ClientOptions consul_client(const std::string& url, const ComponentOptions& options) {
  return {url.empty() ? consul::Address() : consul::parse_address(url), options.servers.consul,
          options.servers.wait};
}

std::unique_ptr<backup::Component> open_consul_component(const config::Target& target,
                                                         const ComponentOptions& options, Log& log,
                                                         const Cancel& cancel) {
  return consul::open_component({consul_client(target.url, options), options.encrypted}, log,
                                cancel);
}

std::unique_ptr<backup::ScratchTarget> make_scratch_consul(const config::Target& target,
                                                           const ComponentOptions& options,
                                                           Log& log, const Cancel& cancel) {
  if (!target.scratch.empty()) {
    return consul::make_scratch_target(consul_client(target.scratch, options), log, cancel);
  }
  throw Error(ErrorCode::configuration, "no scratch server is configured",
              "a restore replaces all that a Consul server holds: name one that is there for it "
              "with targets." +
                  target.name + ".scratch");
}

s3::ComponentOptions s3_options(const std::string& url, const ComponentOptions& options) {
  return {.url = url,
          .client = {options.servers.s3, options.servers.wait},
          .repository = options.repository,
          .exact = options.exact};
}

std::unique_ptr<backup::Component> open_s3_component(const config::Target& target,
                                                     const ComponentOptions& options, Log& log,
                                                     const Cancel& cancel) {
  return s3::open_component(s3_options(target.url, options), log, cancel);
}

std::unique_ptr<backup::ScratchTarget> make_scratch_bucket(const config::Target& target,
                                                           const ComponentOptions& options,
                                                           Log& log, const Cancel& cancel) {
  return s3::make_scratch_bucket(s3_options(target.scratch, options), target.url, log, cancel);
}

nats::ComponentOptions nats_options(const std::string& url, const ComponentOptions& options) {
  return {.address = url.empty() ? nats::Address() : nats::parse_address(url),
          .settings = options.servers.nats,
          .wait = options.servers.wait,
          .exact = options.exact};
}

std::unique_ptr<backup::Component> open_nats_component(const config::Target& target,
                                                       const ComponentOptions& options, Log& log,
                                                       const Cancel& cancel) {
  return nats::open_component(nats_options(target.url, options), log, cancel);
}

std::unique_ptr<backup::ScratchTarget> make_scratch_nats(const config::Target& target,
                                                         const ComponentOptions& options, Log& log,
                                                         const Cancel& cancel) {
  if (target.scratch.empty()) {
    throw Error(ErrorCode::configuration, "a stream keeps its name: a server is needed for it",
                "targets.NAME.scratch names one without streams, nats://host:port");
  }
  return nats::make_scratch_server(nats_options(target.scratch, options), log, cancel);
}

/// A kind of target; where it stands here is its place in a backup.
struct Kind {
  std::string_view name;
  std::unique_ptr<backup::Component> (*open_component)(const config::Target&,
                                                       const ComponentOptions&, Log&,
                                                       const Cancel&);
  std::unique_ptr<backup::ScratchTarget> (*open_scratch)(const config::Target&,
                                                         const ComponentOptions&, Log&,
                                                         const Cancel&);
  bool takes_scratch;  ///< restore tests of it are made where `scratch` of a target says
};

constexpr std::array kKinds{
    Kind{"sqlite", open_sqlite_component, make_scratch_file, false},
    Kind{"postgresql", open_postgres_component, make_scratch_database, true},
    Kind{kPostgresCluster, open_cluster_component, make_scratch_cluster, false},
    Kind{"neo4j", open_neo4j_component, make_scratch_graph, true},
    Kind{"redis", open_redis_component, make_scratch_server, false},
    Kind{"nats", open_nats_component, make_scratch_nats, true},
    Kind{"consul", open_consul_component, make_scratch_consul, true},
    Kind{"s3", open_s3_component, make_scratch_bucket, true},
    Kind{"files", open_files_component, make_scratch_folder, false},
};

const Kind* find_kind(std::string_view name) {
  const auto* const found = std::find_if(kKinds.begin(), kKinds.end(),
                                         [&](const Kind& kind) { return kind.name == name; });
  return found == kKinds.end() ? nullptr : found;
}

}  // namespace

std::unique_ptr<backup::Component> open_component(const config::Target& target,
                                                  const ComponentOptions& options, Log& log,
                                                  const Cancel& cancel) {
  const Kind* const kind = find_kind(target.kind);
  if (kind != nullptr) return kind->open_component(target, options, log, cancel);
  throw Error(
      ErrorCode::configuration,
      "target " + target.name + ": no backup of " + target.kind + " in this version of prismctl",
      "name the others with --target");
}

std::unique_ptr<backup::ScratchTarget> open_scratch(const config::Target& target,
                                                    std::span<const config::Target> targets,
                                                    const ComponentOptions& options, Log& log,
                                                    const Cancel& cancel) {
  for (const config::Target& other : targets) {
    if (target.scratch.empty() || !config::is_same_place(target.scratch, other.url)) continue;
    throw Error(ErrorCode::configuration,
                "targets." + target.name + ".scratch: this is the target " + other.name + " itself",
                "what it holds would be overwritten by every restore test");
  }
  const Kind* const kind = find_kind(target.kind);
  if (!target.scratch.empty() && kind != nullptr && !kind->takes_scratch) {
    throw Error(ErrorCode::configuration, "targets." + target.name + ".scratch: restore tests of " +
                                              target.kind + " make a place of their own");
  }
  if (kind != nullptr) return kind->open_scratch(target, options, log, cancel);
  throw Error(ErrorCode::configuration,
              "no restore test of " + target.kind + " in this version of prismctl");
}

bool is_backed_up(const std::string& kind) { return find_kind(kind) != nullptr; }

void put_in_order(std::vector<config::Target>& targets) {
  std::sort(targets.begin(), targets.end(), [](const config::Target& a, const config::Target& b) {
    return std::pair(find_kind(a.kind), a.name) < std::pair(find_kind(b.kind), b.name);
  });
}

}  // namespace prism::drivers
