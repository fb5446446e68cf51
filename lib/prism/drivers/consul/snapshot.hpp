#pragma once

#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>
#include <prism/drivers/consul/state_survey.hpp>

namespace prism::consul {

/// Reads what `GET /v1/snapshot` gives, to its end: a gzip file of a tar archive with `meta.json`,
/// `state.bin` and `SHA256SUMS`, the sums of the two others (Consul's snapshot/archive.go). Throws
/// Error(bad_data) for what is no such file, is cut or has wrong sums.
PRISM_API Survey read_snapshot(ByteSource& snapshot, const SurveyOptions& options,
                               const Cancel& cancel);

}  // namespace prism::consul
