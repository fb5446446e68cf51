#pragma once

#include <string>
#include <vector>

#include <prism/backup/component.hpp>
#include <prism/base/log.hpp>
#include <prism/drivers/nats/index.hpp>
#include <prism/drivers/nats/jetstream.hpp>

namespace prism::nats {

/// Dumps streams one after the other.
class Dumper {
 public:
  Dumper(JetStream& jetstream, backup::ArtifactWriter& artifacts)
      : jetstream_(jetstream), artifacts_(artifacts) {}

  /// One that is gone meanwhile is none of the dump.
  void add(const Stream& stream);

  /// Writes the index.
  backup::Content finish(const std::string& version);

 private:
  void add_snapshot(const Stream& stream);
  void add_messages(const Stream& stream);
  bool is_at_rest(const Stream& before, std::uint64_t messages);
  void leave_out(const std::string& stream, const std::string& why);
  /// Those that are in no snapshot; written where there are some.
  void add_consumers(IndexEntry& entry, const std::vector<Json>& consumers);

  JetStream& jetstream_;
  backup::ArtifactWriter& artifacts_;
  Index index_;
  std::vector<std::string> remarks_;
  std::vector<std::string> left_out_;
};

}  // namespace prism::nats
