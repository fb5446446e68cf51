#pragma once

#include <prism/drivers/postgres/server.hpp>

namespace prism::postgres {

/// Writes the artifacts of the target, all of one moment. Throws Error(input_missing) when there is
/// no such database.
backup::Content dump_database(Server& server, backup::ArtifactWriter& artifacts,
                              const Cancel& cancel);

}  // namespace prism::postgres
