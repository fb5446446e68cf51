#pragma once

#include <prism/drivers/postgres/physical/cluster_component.hpp>
#include <prism/drivers/postgres/server.hpp>

namespace prism::postgres {

/// Copies the files of the cluster. Throws Error(configuration) for a server older than 15, and
/// Error(permission) for a user without the attribute REPLICATION.
backup::Content dump_cluster(Server& server, const ClusterOptions& options,
                             backup::ArtifactWriter& artifacts, const Cancel& cancel);

}  // namespace prism::postgres
