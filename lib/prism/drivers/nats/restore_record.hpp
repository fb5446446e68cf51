#pragma once

#include <optional>
#include <string>

namespace prism::nats {

class JetStream;

/// A stream that is there while a restore is under way, and after one that was cut off; what the
/// restore is of stands in its description. It takes no messages: it has no subject, but a source
/// that is not there, so that it overlaps with no other stream.
inline constexpr const char* kRestoreRecord = "PRISMCTL_RESTORE";

/// Throws what a creation does, before anything else was touched.
void write_restore_record(JetStream& jetstream, const std::string& what);
void remove_restore_record(JetStream& jetstream);

/// Words on what the record says, where it is there.
std::optional<std::string> read_restore_record(JetStream& jetstream);

}  // namespace prism::nats
