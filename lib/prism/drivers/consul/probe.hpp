#pragma once

#include <memory>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/config/servers.hpp>
#include <prism/drivers/consul/address.hpp>
#include <prism/health/probe.hpp>

namespace prism::consul {

struct ProbeOptions {
  Address address = {};
  config::ConsulSettings settings = {};
};

/// A Consul: whether it has a leader, how many servers vote, and which checks are critical. `log`
/// and `cancel` must outlive it.
PRISM_API std::unique_ptr<health::Probe> open_probe(ProbeOptions options, Log& log,
                                                    const Cancel& cancel);

}  // namespace prism::consul
