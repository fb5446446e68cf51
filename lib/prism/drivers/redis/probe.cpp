#include <cstdlib>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/redis/deployment.hpp>
#include <prism/drivers/redis/probe.hpp>
#include <prism/drivers/redis/server_facts.hpp>

namespace prism::redis {
namespace {

using health::State;

/// A line of INFO; empty where it has none of that name.
std::string field_of(std::string_view info, std::string_view name) {
  while (!info.empty()) {
    const auto end = std::min(info.find('\n'), info.size());
    const std::string_view line = trimmed(info.substr(0, end));
    info.remove_prefix(std::min(end + 1, info.size()));
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':')) {
      return std::string(line.substr(name.size() + 1));
    }
  }
  return {};
}

double number_of(std::string_view info, std::string_view name) {
  return std::strtod(field_of(info, name).c_str(), nullptr);
}

class RedisProbe : public health::Probe {
 public:
  RedisProbe(ProbeOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)), log_(log), cancel_(cancel) {}

  health::Reading look(health::Depth) override {
    Deployment servers(options_.address, Login(options_.address, options_.settings),
                       Deployment::Milliseconds(0), log_, cancel_);
    health::Reading reading;
    const std::size_t count = servers.topology().primaries.size();
    for (std::size_t i = 0; i < count; ++i) {
      add_server(reading, servers.primary(i), count > 1);
    }
    if (count > 1) reading.notes.push_back(fmt::format("{} primaries", count));
    for (const std::string& key : options_.queues) add_queue(reading, servers, "queue", key, 100);
    for (const std::string& key : options_.dead_letters) {
      add_queue(reading, servers, "dead_letters", key, 5);
    }
    return reading;
  }

 private:
  static void add_server(health::Reading& reading, Connection& server, bool several) {
    const std::string info = info_text(server);
    const std::string which = several ? server.where() : "";
    reading.version = field_of(info, "redis_version");
    add_memory(reading, info, which);
    add_disk(reading, info, which);
    add_replication(reading, info, which);
    if (several) add_cluster(reading, server);
  }

  static void add_memory(health::Reading& reading, const std::string& info,
                         const std::string& which) {
    const double used = number_of(info, "used_memory");
    const double most = number_of(info, "maxmemory");
    constexpr double kPercent = 100;
    reading.metrics.push_back({"memory", used, "B", {}, false, which, {}});
    reading.notes.push_back(format_bytes(static_cast<std::uint64_t>(used)));
    if (most > 0) {
      reading.metrics.push_back(
          {"memory_used", kPercent * used / most, "%", {90.0, {}}, false, which, "memory in use"});
    }
    reading.metrics.push_back(
        {"evicted_keys", number_of(info, "evicted_keys"), "", {}, false, which, {}});
    const double hits = number_of(info, "keyspace_hits");
    const double asked = hits + number_of(info, "keyspace_misses");
    if (asked > 0) {
      reading.metrics.push_back(
          {"hit_rate", kPercent * hits / asked, "%", {}, true, which, "hit rate"});
    }
  }

  static void add_disk(health::Reading& reading, const std::string& info,
                       const std::string& which) {
    if (number_of(info, "loading") > 0) {
      reading.add_problem(State::critical, "the server is loading its data");
    }
    for (const char* const name :
         {"rdb_last_bgsave_status", "aof_last_write_status", "aof_last_bgrewrite_status"}) {
      const std::string status = field_of(info, name);
      if (status.empty() || status == "ok") continue;
      reading.add_problem(State::critical, fmt::format("{}{}{}: {}", which,
                                                       which.empty() ? "" : ": ", name, status));
    }
  }

  static void add_replication(health::Reading& reading, const std::string& info,
                              const std::string& which) {
    const std::string role = field_of(info, "role");
    if (role == "slave") {
      reading.notes.emplace_back("replica");
      if (field_of(info, "master_link_status") != "up") {
        reading.add_problem(State::critical, "the link to the primary is down");
      }
      return;
    }
    reading.metrics.push_back(
        {"replicas", number_of(info, "connected_slaves"), "", {}, true, which, {}});
  }

  /// `cluster_state:ok`, once all slots are served.
  static void add_cluster(health::Reading& reading, Connection& server) {
    const auto answer = server.call({"CLUSTER", "INFO"});
    const std::string state = field_of(answer->text, "cluster_state");
    if (state == "ok" || state.empty()) return;
    reading.add_problem(State::critical, server.where() + ": the cluster's state is " + state);
  }

  /// How long a queue is, of whatever type; 0 where there is none.
  static std::int64_t length_of(Deployment& servers, const std::string& key) {
    const std::string type = servers.call(key, {"TYPE", key})->text;
    const char* const command = type == "list"     ? "LLEN"
                                : type == "zset"   ? "ZCARD"
                                : type == "stream" ? "XLEN"
                                : type == "set"    ? "SCARD"
                                                   : nullptr;
    return command == nullptr ? 0 : servers.call(key, {command, key})->integer;
  }

  static void add_queue(health::Reading& reading, Deployment& servers, const char* name,
                        const std::string& key, double warning) {
    const std::int64_t length = length_of(servers, key);
    reading.metrics.push_back(
        {name, static_cast<double>(length), "", {warning, {}}, false, key, "jobs"});
    if (length > 0) reading.notes.push_back(fmt::format("{} in {}", length, key));
  }

  ProbeOptions options_;
  Log& log_;
  const Cancel& cancel_;
};

}  // namespace

std::unique_ptr<health::Probe> open_probe(ProbeOptions options, Log& log, const Cancel& cancel) {
  return std::make_unique<RedisProbe>(std::move(options), log, cancel);
}

}  // namespace prism::redis
