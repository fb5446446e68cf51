#pragma once

#include <memory>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/config/servers.hpp>
#include <prism/drivers/nats/address.hpp>
#include <prism/health/probe.hpp>

namespace prism::nats {

struct ProbeOptions {
  Address address = {};
  config::NatsSettings settings = {};
};

/// A NATS server with JetStream: how much it keeps against its limits, and which consumers are
/// behind. `log` and `cancel` must outlive it.
PRISM_API std::unique_ptr<health::Probe> open_probe(ProbeOptions options, Log& log,
                                                    const Cancel& cancel);

}  // namespace prism::nats
