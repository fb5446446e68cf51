#pragma once

#include <prism/drivers/postgres/component.hpp>
#include <prism/drivers/postgres/server.hpp>

namespace prism::postgres {

/// Throws what would end restore_database() before it touches anything.
void require_restorable(Server& server, backup::ArtifactReader& artifacts,
                        const ComponentOptions& options, Log& log, const Cancel& cancel);

/// Makes a new database from the artifacts and puts it in the place of the target; or, in place,
/// replaces in the target what the artifacts hold.
backup::Content restore_database(Server& server, backup::ArtifactReader& artifacts,
                                 const ComponentOptions& options, Log& log, const Cancel& cancel);

}  // namespace prism::postgres
