#pragma once

#include <string>

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>

namespace prism::neo4j {

inline constexpr const char* kStoreArtifact = "neo4j.dump";

/// Runs a line for the shell whose standard output is the server's own dump. Throws Error(critical)
/// with its last words where it fails, Error(bad_data) where it writes anything else than a dump.
backup::Content dump_store(const std::string& command, backup::ArtifactWriter& artifacts,
                           const Cancel& cancel);

backup::Content check_store(backup::ArtifactReader& artifacts, const Cancel& cancel);

/// Runs a line for the shell that loads it from its standard input. The artifact is looked into
/// before.
backup::Content load_store(const std::string& command, backup::ArtifactReader& artifacts,
                           const Cancel& cancel);

}  // namespace prism::neo4j
