#pragma once

#include <prism/drivers/postgres/physical/cluster_component.hpp>

namespace prism::postgres {

/// Makes the data folder of a copy. What it takes from an earlier one that is there is only what
/// has the same content.
backup::Content restore_cluster(const ClusterOptions& options, backup::ArtifactReader& artifacts,
                                const Cancel& cancel);

/// Throws what would end that before the folder is touched: it is in use, or there is no room.
void require_cluster_restorable(const ClusterOptions& options, backup::ArtifactReader& artifacts);

}  // namespace prism::postgres
