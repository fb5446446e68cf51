#include <algorithm>
#include <array>

#include <prism/base/error.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/consul/probe.hpp>
#include <prism/drivers/drivers.hpp>
#include <prism/drivers/files/probe.hpp>
#include <prism/drivers/grpc/probe.hpp>
#include <prism/drivers/http/probe.hpp>
#include <prism/drivers/nats/probe.hpp>
#include <prism/drivers/neo4j/probe.hpp>
#include <prism/drivers/postgres/probe.hpp>
#include <prism/drivers/redis/probe.hpp>
#include <prism/drivers/s3/probe.hpp>
#include <prism/drivers/sqlite/probe.hpp>
#include <prism/drivers/tcp/probe.hpp>

namespace prism::drivers {
namespace {

using ProbePointer = std::unique_ptr<health::Probe>;

ProbePointer open_http_probe(const config::Target& target, const ProbeOptions& options, Log&,
                             const Cancel& cancel) {
  return http::open_probe(
      {target.url, target.watching.expect, options.time_limit, options.servers.http_ca_file},
      cancel);
}

ProbePointer open_grpc_probe(const config::Target& target, const ProbeOptions& options, Log&,
                             const Cancel& cancel) {
  return grpc::open_probe({target.url, options.time_limit, options.servers.http_ca_file}, cancel);
}

ProbePointer open_tcp_probe(const config::Target& target, const ProbeOptions& options, Log&,
                            const Cancel& cancel) {
  return tcp::open_probe(target.url, options.time_limit, cancel);
}

ProbePointer open_postgres_probe(const config::Target& target, const ProbeOptions& options,
                                 Log& log, const Cancel& cancel) {
  return postgres::open_probe({target.url, options.servers.postgres}, log, cancel);
}

ProbePointer open_sqlite_probe(const config::Target& target, const ProbeOptions&, Log& log,
                               const Cancel& cancel) {
  return sqlite::open_probe({config::sqlite_path(target.url)}, log, cancel);
}

/// What arq and the workers of the systems call them.
ProbePointer open_redis_probe(const config::Target& target, const ProbeOptions& options, Log& log,
                              const Cancel& cancel) {
  redis::ProbeOptions probe{redis::parse_address(target.url), options.servers.redis,
                            target.watching.queues, target.watching.dead_letters};
  if (probe.queues.empty()) probe.queues = {"arq:queue"};
  if (probe.dead_letters.empty()) probe.dead_letters = {"dlq:book_processing"};
  return redis::open_probe(std::move(probe), log, cancel);
}

ProbePointer open_neo4j_probe(const config::Target& target, const ProbeOptions& options, Log& log,
                              const Cancel& cancel) {
  return neo4j::open_probe(
      {{.address = neo4j::parse_address(target.url), .settings = options.servers.neo4j},
       target.watching.data_folder},
      log, cancel);
}

ProbePointer open_s3_probe(const config::Target& target, const ProbeOptions& options, Log& log,
                           const Cancel& cancel) {
  return s3::open_probe({target.url, options.servers.s3}, log, cancel);
}

ProbePointer open_consul_probe(const config::Target& target, const ProbeOptions& options, Log& log,
                               const Cancel& cancel) {
  return consul::open_probe({consul::parse_address(target.url), options.servers.consul}, log,
                            cancel);
}

ProbePointer open_nats_probe(const config::Target& target, const ProbeOptions& options, Log& log,
                             const Cancel& cancel) {
  return nats::open_probe({nats::parse_address(target.url), options.servers.nats}, log, cancel);
}

ProbePointer open_files_probe(const config::Target& target, const ProbeOptions&, Log&,
                              const Cancel&) {
  return files::open_probe(target.paths);
}

struct Kind {
  std::string_view name;
  ProbePointer (*open)(const config::Target&, const ProbeOptions&, Log&, const Cancel&);
};

constexpr std::array kKinds{
    Kind{"postgresql", open_postgres_probe},
    Kind{"sqlite", open_sqlite_probe},
    Kind{"redis", open_redis_probe},
    Kind{"neo4j", open_neo4j_probe},
    Kind{"s3", open_s3_probe},
    Kind{"consul", open_consul_probe},
    Kind{"nats", open_nats_probe},
    Kind{"files", open_files_probe},
    Kind{"http", open_http_probe},
    Kind{"grpc", open_grpc_probe},
    Kind{"tcp", open_tcp_probe},
};

}  // namespace

std::unique_ptr<health::Probe> open_probe(const config::Target& target, ProbeOptions options,
                                          Log& log, const Cancel& cancel) {
  const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                  [&](const Kind& kind) { return kind.name == target.kind; });
  if (found == kKinds.end()) {
    throw Error(ErrorCode::configuration, "target " + target.name + ": no probe of " + target.kind);
  }
  options.servers = options.servers.within(options.time_limit);
  return found->open(target, options, log, cancel);
}

}  // namespace prism::drivers
