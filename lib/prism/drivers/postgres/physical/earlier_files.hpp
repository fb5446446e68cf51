#pragma once

#include <optional>
#include <string>

#include <prism/drivers/postgres/physical/cluster_component.hpp>
#include <prism/drivers/postgres/physical/cluster_files.hpp>

namespace prism::postgres {

/// An earlier copy, as far as a server needs it to send only what has changed since.
struct EarlierBackup {
  EarlierFiles files;
  std::string manifest;  ///< the server's own
};

/// Nothing where there is none of this cluster, or it can't be read here.
std::optional<EarlierBackup> read_earlier(const EarlierCopy& earlier, const std::string& system);

/// The whole of an artifact that memory can hold: throws Error(bad_data) where it is larger.
std::string read_artifact(backup::ArtifactReader& artifacts, const std::string& name);

}  // namespace prism::postgres
