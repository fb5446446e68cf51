#pragma once

#include <memory>
#include <string>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/config/servers.hpp>
#include <prism/drivers/redis/address.hpp>
#include <prism/health/probe.hpp>

namespace prism::redis {

struct ProbeOptions {
  Address address = {};
  config::RedisSettings settings = {};
  std::vector<std::string> queues = {};        ///< keys whose length is told, where they are there
  std::vector<std::string> dead_letters = {};  ///< the same, of what no worker could do
};

/// The servers of a Redis: memory against its limit, keys given up, whether what is written gets to
/// disk, replicas and Cluster, and how long queues are. `log` and `cancel` must outlive it.
PRISM_API std::unique_ptr<health::Probe> open_probe(ProbeOptions options, Log& log,
                                                    const Cancel& cancel);

}  // namespace prism::redis
