#pragma once

#include <memory>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/config/servers.hpp>
#include <prism/health/probe.hpp>

namespace prism::s3 {

struct ProbeOptions {
  std::string url;  ///< s3://…
  config::S3Settings settings = {};
};

/// A bucket: whether it is there. A deep look counts its objects below the URL's prefix, and writes
/// and removes one. Throws Error(configuration) for another URL. `log` and `cancel` must outlive
/// it.
PRISM_API std::unique_ptr<health::Probe> open_probe(ProbeOptions options, Log& log,
                                                    const Cancel& cancel);

}  // namespace prism::s3
