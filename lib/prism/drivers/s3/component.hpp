#pragma once

#include <memory>
#include <string>

#include <prism/backup/component.hpp>
#include <prism/drivers/s3/client.hpp>

namespace prism::s3 {

struct ComponentOptions {
  std::string url;  ///< see Address; empty: artifacts are looked into without any server
  ClientOptions client = {};
  std::string repository = {};  ///< the URL of where backups lie, of any kind
  bool exact = false;
};

/// The objects of a bucket, or of those below a prefix, dumped as one artifact `tar` (see
/// object_tar.hpp): of a bucket with versions the current ones, whose keys aren't deleted. Backups
/// are left out where the repository lies in the same bucket. Counts are `objects` and `bytes`. A
/// restore makes the bucket where it is missing, and puts back what is missing or differs in bytes,
/// metadata or tags; what the backup lacks stays, unless `exact`: then it is removed at the end.
/// One that was cut off is seen by an object `.prismctl-restore`, and a rerun finishes it.
PRISM_API std::unique_ptr<backup::Component> open_component(ComponentOptions options, Log& log,
                                                            const Cancel& cancel);

}  // namespace prism::s3
