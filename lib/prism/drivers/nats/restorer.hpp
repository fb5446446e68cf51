#pragma once

#include <vector>

#include <prism/backup/component.hpp>
#include <prism/base/log.hpp>
#include <prism/drivers/nats/index.hpp>
#include <prism/drivers/nats/jetstream.hpp>

namespace prism::nats {

/// A stream of a backup, and how it lies there.
struct StoredStream {
  IndexEntry entry;
  Stream stream;
};

/// Puts streams back.
class Restorer {
 public:
  /// `ages`: see ComponentOptions.
  Restorer(JetStream& jetstream, backup::ArtifactReader& artifacts, bool ages, Log& log)
      : jetstream_(jetstream), artifacts_(artifacts), ages_(ages), log_(log) {}

  /// Throws Error(refused) where a stream that stays takes subjects of the backup.
  void require_room(const std::vector<StoredStream>& backup, const std::vector<std::string>& kept,
                    bool exact);

  /// Removes streams that are there: those of the backup, and with `exact` all but `kept` as well.
  void make_room(const std::vector<StoredStream>& backup, const std::vector<std::string>& kept,
                 bool exact);

  /// Of all that is there first those that no other feeds.
  void restore(std::vector<StoredStream> backup);

 private:
  void restore(const StoredStream& stored);
  void require_whole(const StoredStream& stored);

  JetStream& jetstream_;
  backup::ArtifactReader& artifacts_;
  bool ages_;
  Log& log_;
};

}  // namespace prism::nats
