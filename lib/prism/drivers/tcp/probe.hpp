#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/health/probe.hpp>

namespace prism::tcp {

/// Whether somebody accepts connections at `tcp://host:port`. Throws Error(configuration) for any
/// other URL. `cancel` must outlive it.
PRISM_API std::unique_ptr<health::Probe> open_probe(const std::string& url,
                                                    std::chrono::milliseconds timeout,
                                                    const Cancel& cancel);

}  // namespace prism::tcp
