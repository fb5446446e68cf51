#pragma once

#include <filesystem>

#include <prism/drivers/postgres/server.hpp>

namespace prism::postgres {

/// Writes the artifacts of the target, all of one moment, by the programs in `bin_dir`, or those
/// that are found where it is empty. Throws Error(input_missing) when there is no such database,
/// Error(configuration) before anything is written where pg_dump is older than the server.
backup::Content dump_database(Server& server, const std::filesystem::path& bin_dir,
                              backup::ArtifactWriter& artifacts, const Cancel& cancel);

}  // namespace prism::postgres
