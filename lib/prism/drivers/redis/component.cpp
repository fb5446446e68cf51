#include <algorithm>
#include <numeric>
#include <optional>

#include <prism/backup/unfinished_restore.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/redis/component.hpp>
#include <prism/drivers/redis/deployment.hpp>
#include <prism/drivers/redis/key_writer.hpp>
#include <prism/drivers/redis/rdb_survey.hpp>
#include <prism/drivers/redis/replication.hpp>
#include <prism/drivers/redis/restore_checks.hpp>
#include <prism/drivers/redis/restore_record.hpp>
#include <prism/drivers/redis/room.hpp>
#include <prism/drivers/redis/server_facts.hpp>
#include <prism/drivers/redis/surplus.hpp>

namespace prism::redis {
namespace {

using backup::ArtifactReader;
using backup::ArtifactWriter;
using backup::Content;

constexpr const char* kArtifact = "dump.rdb";

std::string node_name(std::size_t number) { return "node-" + std::to_string(number) + ".rdb"; }

/// In the order in which they are read. Throws Error(bad_data) for a set that a dump does not make.
std::vector<std::string> artifact_names(const ArtifactReader& artifacts) {
  const auto found = artifacts.names();
  if (found == std::vector<std::string>{kArtifact}) return found;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < found.size(); ++i) names.push_back(node_name(i));
  if (!found.empty() && std::is_permutation(names.begin(), names.end(), found.begin())) {
    return names;
  }
  throw Error(ErrorCode::bad_data, "RDB: dump.rdb or node-0.rdb, node-1.rdb … were expected");
}

/// Who serves each slot.
std::vector<Endpoint> owners_of(const Topology& topology) {
  std::vector<Endpoint> owners;
  for (const std::uint16_t owner : topology.owners) {
    owners.push_back(topology.primaries[owner].endpoint);
  }
  return owners;
}

/// The primaries by their first slots.
std::vector<Endpoint> in_order_of_slots(const Topology& topology) {
  std::vector<Endpoint> ordered;
  const auto add = [&](std::size_t index) {
    const Endpoint& endpoint = topology.primaries[index].endpoint;
    if (std::find(ordered.begin(), ordered.end(), endpoint) == ordered.end()) {
      ordered.push_back(endpoint);
    }
  };
  if (topology.owners.empty()) add(0);
  for (const std::uint16_t owner : topology.owners) add(owner);
  return ordered;
}

class RedisComponent : public backup::Component {
 public:
  RedisComponent(ComponentOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)),
        login_(options_.address, options_.settings),
        log_(log),
        cancel_(cancel) {
    options_.address.database = 0;
    login_.database = 0;
  }

  std::string location() const override;
  std::optional<Content> present(backup::Look) override;
  Content dump(ArtifactWriter& artifacts) override;
  Content check(ArtifactReader& artifacts) override { return survey(artifacts).content(); }
  void require_restorable(ArtifactReader& artifacts) override;
  Content restore(ArtifactReader& artifacts) override;
  bool restores_checked() const override { return true; }
  std::optional<std::string> unfinished() override;

 private:
  Deployment open() const;
  void dump_cluster(Deployment& servers, ArtifactWriter& artifacts, RdbSurvey& survey) const;
  void dump_one(const Endpoint& endpoint, ByteSink& sink, RdbSurvey& survey) const;
  RdbSurvey survey(ArtifactReader& artifacts) const;
  void read(ArtifactReader& artifacts, RdbVisitor& visitor) const;
  void put_back(Deployment& servers, ArtifactReader& artifacts, const RdbSurvey& survey) const;

  ComponentOptions options_;
  Login login_;
  Log& log_;
  const Cancel& cancel_;
};

Deployment RedisComponent::open() const {
  return {options_.address, login_, options_.wait, log_, cancel_};
}

/// Without the database: all of them are meant.
std::string RedisComponent::location() const {
  std::string text = options_.address.text();
  const bool has_host = !options_.address.endpoints.front().host.empty();
  if (has_host && options_.address.form != Form::cluster) text.resize(text.rfind('/'));
  return text;
}

std::optional<Content> RedisComponent::present(backup::Look) {
  Deployment servers = open();
  std::map<std::uint64_t, std::uint64_t> keys;
  std::set<std::string> libraries;
  std::string version;
  for (std::size_t i = 0; i < servers.topology().primaries.size(); ++i) {
    const std::string info = info_text(servers.primary(i));
    for (const auto& [database, count] : keys_by_database(info)) keys[database] += count;
    libraries.merge(libraries_of(servers.primary(i)));
    version = info_field(info, "redis_version");
  }
  if (read_restore_record(servers) && keys[0] > 0) --keys[0];
  Content content{version, counts_of(keys, libraries.size())};
  if (content.counts.empty()) return {};
  return content;
}

Content RedisComponent::dump(ArtifactWriter& artifacts) {
  Deployment servers = open();
  RdbSurvey survey;
  if (options_.address.form == Form::cluster) {
    dump_cluster(servers, artifacts, survey);
  } else {
    require_no_cluster_node(servers.primary(0));
    dump_one(servers.topology().primaries[0].endpoint, *artifacts.create(kArtifact), survey);
  }
  return survey.content();
}

/// A key whose slot moves meanwhile may be missed.
void RedisComponent::dump_cluster(Deployment& servers, ArtifactWriter& artifacts,
                                  RdbSurvey& survey) const {
  require_no_moving_slots(servers);
  const auto endpoints = in_order_of_slots(servers.topology());
  const auto owners = owners_of(servers.topology());
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    dump_one(endpoints[i], *artifacts.create(node_name(i)), survey);
  }
  servers.refresh();
  require_no_moving_slots(servers);
  if (owners_of(servers.topology()) == owners) return;
  throw Error(ErrorCode::unavailable, location() + ": slots were moved while they were dumped",
              "try again once the Cluster has come to rest");
}

void RedisComponent::dump_one(const Endpoint& endpoint, ByteSink& sink, RdbSurvey& survey) const {
  Replication rdb(connect(endpoint, login_, options_.wait, log_, cancel_),
                  options_.settings.timeout);
  RdbReader reader(rdb, survey, cancel_, &sink);
  reader.read();
  rdb.require_end(reader.rest());
  sink.finish();
}

RdbSurvey RedisComponent::survey(ArtifactReader& artifacts) const {
  RdbSurvey survey;
  read(artifacts, survey);
  return survey;
}

void RedisComponent::read(ArtifactReader& artifacts, RdbVisitor& visitor) const {
  for (const std::string& name : artifact_names(artifacts)) {
    const auto source = artifacts.open(name);
    read_rdb(*source, visitor, cancel_);
  }
}

void RedisComponent::require_restorable(ArtifactReader& artifacts) {
  Deployment servers = open();
  redis::require_restorable(servers, survey(artifacts), options_.exact);
}

/// The backup is read twice: once for all that may be refused, before anything is touched.
Content RedisComponent::restore(ArtifactReader& artifacts) {
  const RdbSurvey found = survey(artifacts);
  Deployment servers = open();
  redis::require_restorable(servers, found, options_.exact);
  write_restore_record(servers, with_separators(found.all_keys()) + " keys");
  try {
    put_back(servers, artifacts, found);
    remove_restore_record(servers);
  } catch (const Error& e) {
    throw backup::unfinished_restore(e);
  }
  return found.content();
}

void RedisComponent::put_back(Deployment& servers, ArtifactReader& artifacts,
                              const RdbSurvey& survey) const {
  const std::int64_t now = time_of(servers.primary(0));
  const std::uint64_t evicted = evicted_keys(servers);
  if (options_.exact) {
    const auto read_backup = [&](RdbVisitor& visitor) { read(artifacts, visitor); };
    remove_surplus(servers, survey, read_backup, now, log_, cancel_);
  }
  KeyWriter writer(servers, options_.scratch_folder, now, log_, cancel_);
  read(artifacts, writer);
  writer.finish();
  // Connections have been idle for as long as that took.
  servers.refresh();
  if (const std::uint64_t lost = evicted_keys(servers) - evicted; lost > 0) {
    log_.warning(location() + ": the server has evicted " + with_separators(lost) +
                 " keys meanwhile: maxmemory is reached there");
  }
}

std::optional<std::string> RedisComponent::unfinished() {
  Deployment servers = open();
  return read_restore_record(servers);
}

}  // namespace

std::unique_ptr<backup::Component> open_component(ComponentOptions options, Log& log,
                                                  const Cancel& cancel) {
  return std::make_unique<RedisComponent>(std::move(options), log, cancel);
}

}  // namespace prism::redis
