#pragma once

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>
#include <prism/drivers/nats/index.hpp>
#include <prism/drivers/nats/jetstream.hpp>

namespace prism::nats {

/// The index of a backup, all of whose artifacts are there and no others. Throws Error(bad_data).
Index read_index(backup::ArtifactReader& artifacts);

/// `config` and `state` of STEM.backup.json. Throws Error(bad_data) for those of another stream.
Stream read_stream(backup::ArtifactReader& artifacts, const IndexEntry& entry);

/// Those of STEM.consumers.json, as the server told of them; none where there is no such artifact.
std::vector<Json> read_consumers(backup::ArtifactReader& artifacts, const IndexEntry& entry);

void write_stream(backup::ArtifactWriter& artifacts, const IndexEntry& entry, const Stream& stream);
void write_consumers(backup::ArtifactWriter& artifacts, const IndexEntry& entry,
                     const std::vector<Json>& consumers);
void write_text(backup::ArtifactWriter& artifacts, const std::string& name, std::string_view text);

/// Reads all of a stream's artifacts to their ends. Throws Error(bad_data) for what does not fit
/// together.
void check_stream(backup::ArtifactReader& artifacts, const IndexEntry& entry, const Cancel& cancel);

}  // namespace prism::nats
