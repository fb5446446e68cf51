#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/health/probe.hpp>

namespace prism::http {

struct ProbeOptions {
  std::string url;     ///< http:// or https://
  std::string expect;  ///< `field=value` of a JSON answer (`a.b=value` within), or a text in it
  std::chrono::milliseconds timeout{5000};
  std::filesystem::path ca_file = {};  ///< whom TLS trusts; empty: whom the system trusts
};

/// A health endpoint: it answers with a status from 200 to 299, and as is expected; how long that
/// takes and, with TLS, for how many days its certificate is good. `cancel` must outlive it.
PRISM_API std::unique_ptr<health::Probe> open_probe(ProbeOptions options, const Cancel& cancel);

}  // namespace prism::http
