#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/health/probe.hpp>

namespace prism::grpc {

struct ProbeOptions {
  std::string url;  ///< grpc://host:port[/SERVICE], or grpcs:// with TLS
  std::chrono::milliseconds timeout{5000};
  std::filesystem::path ca_file = {};  ///< whom TLS trusts; empty: whom the system trusts
};

/// Asks the gRPC health checking protocol (grpc.health.v1.Health/Check) whether a service serves;
/// without a name, whether the server does. Throws Error(configuration) for another URL. `cancel`
/// must outlive it.
///
/// Source: grpc/doc/health-checking.md, grpc/doc/PROTOCOL-HTTP2.md.
PRISM_API std::unique_ptr<health::Probe> open_probe(ProbeOptions options, const Cancel& cancel);

}  // namespace prism::grpc
