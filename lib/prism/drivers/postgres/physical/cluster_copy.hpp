#pragma once

#include <vector>

#include <prism/blocks/block_map.hpp>
#include <prism/blocks/block_reader.hpp>
#include <prism/drivers/postgres/physical/cluster_component.hpp>
#include <prism/drivers/postgres/physical/cluster_record.hpp>
#include <prism/drivers/postgres/physical/file_list.hpp>

namespace prism::postgres {

/// A copy of a cluster, by its artifacts.
struct ClusterCopy {
  ClusterRecord record;
  std::vector<StoredFile> files;
  blocks::BlockMap map;

  backup::Content content() const;
};

/// Throws Error(bad_data) where the artifacts don't fit together.
ClusterCopy read_cluster_copy(backup::ArtifactReader& artifacts);

/// How the blocks of a copy are read; with the key of their hashes, where it can be had.
blocks::ReaderOptions reader_options(const ClusterOptions& options, const blocks::BlockMap& map,
                                     const Cancel& cancel);

/// Reads all blocks, and holds the list of files against the server's own manifest.
backup::Content check_cluster(const ClusterOptions& options, backup::ArtifactReader& artifacts,
                              const Cancel& cancel);

}  // namespace prism::postgres
