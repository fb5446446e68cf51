#pragma once

#include <chrono>
#include <memory>

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/log.hpp>
#include <prism/config/servers.hpp>
#include <prism/drivers/nats/address.hpp>

namespace prism::nats {

struct ComponentOptions {
  Address address;
  config::NatsSettings settings = {};
  std::chrono::milliseconds wait{0};  ///< for a server that can't be reached yet
  bool exact = false;                 ///< a restore removes streams that the backup lacks
  bool ages = true;                   ///< what is restored is as old as it was, and goes by that
};

/// The JetStream of an account on a NATS server as a target: its streams, those of key-value
/// buckets (KV_…) and object stores (OBJ_…) too, with their durable consumers where they stood.
/// Artifacts are those of `streams.json` (index.hpp). Of a stream on disk they are the two files
/// that `nats stream restore` reads from a folder, backup.json and stream.tar.s2; one in memory has
/// no snapshot, and is copied message by message (memory_stream.hpp). Streams are dumped one after
/// the other, each at one moment; what is published meanwhile may be in it as well. Consumers
/// without a durable name are those of a client that is connected: they count nowhere. Counted are
/// `streams`, `consumers`, `messages` and the messages of each stream.
///
/// A server without streams gives a dump too; one that has no JetStream is Error(configuration),
/// one that can't be reached Error(unavailable).
///
/// A restore removes all streams of those names first (and with `exact` all others), then puts back
/// one after the other, those that are fed by others last. Until its end there is a stream
/// PRISMCTL_RESTORE, which counts nowhere; cut off, it is seen by that, and a rerun finishes it.
PRISM_API std::unique_ptr<backup::Component> open_component(ComponentOptions options, Log& log,
                                                            const Cancel& cancel);

}  // namespace prism::nats
