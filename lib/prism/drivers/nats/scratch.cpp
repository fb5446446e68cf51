#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/nats/jetstream.hpp>
#include <prism/drivers/nats/memory_stream.hpp>
#include <prism/drivers/nats/restore_record.hpp>
#include <prism/drivers/nats/scratch.hpp>
#include <prism/drivers/nats/snapshot.hpp>
#include <prism/drivers/nats/stream_artifacts.hpp>
#include <prism/drivers/nats/transfer.hpp>

namespace prism::nats {
namespace {

class ScratchNats : public backup::ScratchTarget {
 public:
  ScratchNats(ComponentOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)),
        log_(log),
        cancel_(cancel),
        component_(open_component(options_, log, cancel)) {
    require_empty();
    is_ours_ = true;
  }
  ~ScratchNats() override {
    if (!is_ours_) return;
    try {
      // Also when it was cancelled.
      const Cancel none;
      remove_all(none);
    } catch (const std::exception& e) {
      log_.warning(location() + ": the streams of the restore test are left there: " + e.what());
    }
  }
  ScratchNats(const ScratchNats&) = delete;
  ScratchNats& operator=(const ScratchNats&) = delete;

  std::string location() const override { return component_->location(); }
  backup::Component& component() override { return *component_; }
  backup::Found examine(backup::ArtifactReader& artifacts) override;

 private:
  std::unique_ptr<Connection> open(const Cancel& cancel) const {
    return connect(options_.address, options_.settings, options_.wait, log_, cancel);
  }

  void require_empty() const {
    if (component_->unfinished()) {
      remove_all(cancel_);
    } else if (component_->present(backup::Look::counted)) {
      throw Error(ErrorCode::configuration, location() + ": the scratch server has streams already",
                  "restore tests need one of their own, without any");
    }
  }

  void remove_all(const Cancel& cancel) const {
    const auto connection = open(cancel);
    JetStream jetstream(*connection);
    for (const Stream& stream : jetstream.streams()) jetstream.remove_stream(stream.name());
    remove_restore_record(jetstream);
  }

  backup::Check compared(JetStream& jetstream, backup::ArtifactReader& artifacts,
                         const IndexEntry& entry) const;

  ComponentOptions options_;
  Log& log_;
  const Cancel& cancel_;
  std::unique_ptr<backup::Component> component_;
  bool is_ours_ = false;
};

backup::Found ScratchNats::examine(backup::ArtifactReader& artifacts) {
  const auto present = component_->present(backup::Look::counted);
  backup::Found found{present ? present->counts : backup::Counts(), {}};
  const auto connection = open(cancel_);
  JetStream jetstream(*connection);
  for (const IndexEntry& entry : read_index(artifacts).streams) {
    cancel_.check();
    found.checks.push_back(compared(jetstream, artifacts, entry));
  }
  return found;
}

backup::Check ScratchNats::compared(JetStream& jetstream, backup::ArtifactReader& artifacts,
                                    const IndexEntry& entry) const {
  const std::string what = "digest of the messages of " + entry.name;
  if (entry.form == Form::messages) {
    return {what, digest_of_messages(artifacts, entry),
            digest_of_messages(jetstream, jetstream.stream(entry.name))};
  }
  const auto stored = artifacts.open(entry.data_artifact());
  SnapshotSource restored(jetstream, entry.name);
  return {what, read_snapshot(*stored, cancel_, DigestOf::messages).digest,
          read_snapshot(restored, cancel_, DigestOf::messages).digest};
}

}  // namespace

std::unique_ptr<backup::ScratchTarget> make_scratch_server(ComponentOptions options, Log& log,
                                                           const Cancel& cancel) {
  options.ages = false;
  options.exact = false;
  return std::make_unique<ScratchNats>(std::move(options), log, cancel);
}

}  // namespace prism::nats
