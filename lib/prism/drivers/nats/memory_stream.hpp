#pragma once

#include <string>
#include <vector>

#include <prism/backup/component.hpp>
#include <prism/drivers/nats/index.hpp>
#include <prism/drivers/nats/jetstream.hpp>

namespace prism::nats {

/// Why a stream in memory can't be copied message by message; empty: it can. A stream that is fed
/// by others would take their messages again, one that republishes would tell of what is old, one
/// that transforms subjects would do it again, and one of interest drops what nobody waits for yet.
/// In the place of each message that is gone from between the others one is published and removed:
/// of more than a million the stream would be away for too long.
PRISM_API std::string why_not_copied(const Stream& stream);

struct CopiedMessages {
  std::uint64_t count = 0;
  /// Of which that many had headers Nats-Expected-…, conditions that may no longer hold: they are
  /// in the copy, but a restore leaves the headers out.
  std::uint64_t conditional = 0;
  /// That many are not in it: the stream no longer takes their subjects.
  std::uint64_t homeless = 0;
};

/// Writes all messages of a stream that are there now, in the form of message_lines.hpp.
CopiedMessages copy_messages(JetStream& jetstream, const Stream& stream, ByteSink& sink);

/// Throws Error(bad_data) where the messages are not those that index and state tell of.
void check_messages(backup::ArtifactReader& artifacts, const IndexEntry& entry,
                    const Stream& stream, const Cancel& cancel);

/// Creates the stream and publishes its messages again, each with the sequence that it had; where
/// some are missing in between, one is published in its place and removed. They get new times. The
/// limits of the stream are set at the end.
void restore_messages(JetStream& jetstream, backup::ArtifactReader& artifacts,
                      const IndexEntry& entry, const Stream& stream);

/// SHA-256 of sequences, subjects, headers (but for those conditions) and data, of a backup and of
/// a stream that there is.
std::string digest_of_messages(backup::ArtifactReader& artifacts, const IndexEntry& entry);
std::string digest_of_messages(JetStream& jetstream, const Stream& stream);

}  // namespace prism::nats
