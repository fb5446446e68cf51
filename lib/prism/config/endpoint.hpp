#pragma once

#include <string>

#include <prism/base/export.hpp>
#include <prism/base/socket.hpp>

namespace prism::config {

/// Of `scheme://host:port` or `scheme://[address]:port`; what stands behind a slash is left alone.
/// Throws Error(configuration) for anything else.
PRISM_API Endpoint endpoint_of_url(const std::string& url);

}  // namespace prism::config
