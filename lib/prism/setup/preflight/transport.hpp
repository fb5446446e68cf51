#pragma once

#include <span>
#include <string>

#include <prism/config/settings.hpp>
#include <prism/config/targets.hpp>
#include <prism/setup/preflight/finding.hpp>

namespace prism::setup {

/// Whether all that a URL names is on this machine, as far as names tell: loopback addresses,
/// sockets, files, this host's own name.
PRISM_API bool is_on_this_machine(const std::string& url);

/// Targets on other machines that are reached without TLS, or whose certificates are not looked at,
/// and an S3 server that `endpoint` names: warnings.
PRISM_API Findings check_transport(std::span<const config::Target> targets,
                                   const std::string& s3_endpoint);

}  // namespace prism::setup
