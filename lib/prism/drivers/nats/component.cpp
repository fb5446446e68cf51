#include <prism/backup/unfinished_restore.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/nats/component.hpp>
#include <prism/drivers/nats/connection.hpp>
#include <prism/drivers/nats/dumper.hpp>
#include <prism/drivers/nats/jetstream.hpp>
#include <prism/drivers/nats/restore_record.hpp>
#include <prism/drivers/nats/restorer.hpp>
#include <prism/drivers/nats/stream_artifacts.hpp>

namespace prism::nats {
namespace {

using backup::ArtifactReader;
using backup::ArtifactWriter;
using backup::Content;

class NatsComponent : public backup::Component {
 public:
  NatsComponent(ComponentOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)), log_(log), cancel_(cancel) {}

  std::string location() const override { return options_.address.text(); }
  std::optional<Content> present(backup::Look) override;
  Content dump(ArtifactWriter& artifacts) override;
  Content check(ArtifactReader& artifacts) override;
  void require_restorable(ArtifactReader& artifacts) override;
  Content restore(ArtifactReader& artifacts) override;
  bool restores_checked() const override { return true; }
  std::optional<std::string> unfinished() override;

 private:
  std::unique_ptr<Connection> open() const {
    return connect(options_.address, options_.settings, options_.wait, log_, cancel_);
  }
  std::string version() const { return server_version(options_.address, cancel_); }
  Index check_all(ArtifactReader& artifacts) const;
  void put_back(JetStream& jetstream, ArtifactReader& artifacts, const Index& index) const;

  ComponentOptions options_;
  Log& log_;
  const Cancel& cancel_;
};

std::optional<Content> NatsComponent::present(backup::Look) {
  const auto connection = open();
  JetStream jetstream(*connection);
  Index seen;
  for (const Stream& stream : jetstream.streams()) {
    seen.streams.push_back({.name = stream.name(),
                            .stem = {},
                            .messages = stream.messages(),
                            .consumers = jetstream.durable_consumers(stream.name()).size()});
  }
  if (seen.streams.empty()) return {};
  return Content{version(), seen.counts()};
}

Content NatsComponent::dump(ArtifactWriter& artifacts) {
  const auto connection = open();
  JetStream jetstream(*connection);
  const auto unfinished = read_restore_record(jetstream);
  Dumper dumper(jetstream, artifacts);
  for (const Stream& stream : jetstream.streams()) {
    cancel_.check();
    dumper.add(stream);
  }
  Content content = dumper.finish(version());
  if (unfinished) content.remarks.push_back(*unfinished);
  return content;
}

Index NatsComponent::check_all(ArtifactReader& artifacts) const {
  Index index = read_index(artifacts);
  for (const IndexEntry& entry : index.streams) {
    cancel_.check();
    check_stream(artifacts, entry, cancel_);
  }
  return index;
}

Content NatsComponent::check(ArtifactReader& artifacts) {
  const Index index = check_all(artifacts);
  return {index.server, index.counts()};
}

std::vector<StoredStream> stored_streams(ArtifactReader& artifacts, const Index& index) {
  std::vector<StoredStream> streams;
  for (const IndexEntry& entry : index.streams) {
    streams.push_back({entry, read_stream(artifacts, entry)});
  }
  return streams;
}

void NatsComponent::require_restorable(ArtifactReader& artifacts) {
  const Index index = read_index(artifacts);
  const auto connection = open();
  JetStream jetstream(*connection);
  Restorer(jetstream, artifacts, options_.ages, log_)
      .require_room(stored_streams(artifacts, index), index.left_out, options_.exact);
}

/// The backup is read twice: once for all that may be refused, before anything is touched.
Content NatsComponent::restore(ArtifactReader& artifacts) {
  const Index index = check_all(artifacts);
  const auto connection = open();
  JetStream jetstream(*connection);
  put_back(jetstream, artifacts, index);
  return {index.server, index.counts()};
}

void NatsComponent::put_back(JetStream& jetstream, ArtifactReader& artifacts,
                             const Index& index) const {
  std::vector<StoredStream> backup = stored_streams(artifacts, index);
  Restorer restorer(jetstream, artifacts, options_.ages, log_);
  restorer.require_room(backup, index.left_out, options_.exact);
  write_restore_record(jetstream, with_separators(backup.size()) + " streams");
  try {
    restorer.make_room(backup, index.left_out, options_.exact);
    restorer.restore(std::move(backup));
    remove_restore_record(jetstream);
  } catch (const Error& e) {
    throw backup::unfinished_restore(e);
  }
}

std::optional<std::string> NatsComponent::unfinished() {
  const auto connection = open();
  JetStream jetstream(*connection);
  return read_restore_record(jetstream);
}

}  // namespace

std::unique_ptr<backup::Component> open_component(ComponentOptions options, Log& log,
                                                  const Cancel& cancel) {
  return std::make_unique<NatsComponent>(std::move(options), log, cancel);
}

}  // namespace prism::nats
