#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>

namespace prism::nats {

/// It takes more time than all the rest.
enum class DigestOf : std::uint8_t { nothing, messages };

/// What lies in a snapshot of a stream.
struct Snapshot {
  std::string stream;  ///< its name
  /// By the index of each block of messages, in the forms of nats-server 2.2 to 2.9 (`N.idx`) and
  /// of 2.10 and later (`index.db`); nothing: it is of another form, or out of date.
  std::optional<std::uint64_t> messages;
  std::set<std::string> consumers;  ///< with a durable name
  std::string digest;               ///< SHA-256 of all blocks of messages; empty: not asked for
};

/// Reads the tar of a snapshot in S2 (streamSnapshot of nats-server, server/filestore.go) to its
/// end: `meta.inf` and its `meta.sum`, `msgs/` with the messages and `obs/NAME/` of each consumer.
/// Throws Error(bad_data) for what the server could not have made whole, what it noted itself in
/// `errors.txt` included.
PRISM_API Snapshot read_snapshot(ByteSource& s2, const Cancel& cancel,
                                 DigestOf digest_of = DigestOf::nothing);

}  // namespace prism::nats
