#pragma once

#include <optional>

#include <prism/health/probe.hpp>
#include <prism/health/store_report.hpp>

#include "session.hpp"

namespace prismctl {

/// The state of the store that the settings name, and of its cache; nothing where there is no such
/// store. `servers` tells how long is waited for them. Looked at deeply, some of the cache is
/// compared with the store.
std::optional<prism::health::StoreReport> report_store(
    Session& session, const prism::config::ServerSettings& servers, const prism::Cancel& cancel,
    prism::health::Depth depth = prism::health::Depth::normal);

}  // namespace prismctl
