#include <prism/base/error.hpp>
#include <prism/base/view_source.hpp>
#include <prism/drivers/consul/component.hpp>
#include <prism/drivers/consul/scratch.hpp>
#include <prism/drivers/consul/snapshot.hpp>
#include <prism/drivers/consul/tee.hpp>

namespace prism::consul {
namespace {

/// The snapshot of a server that holds nothing.
class SmallCopy : public ByteSink {
 public:
  void write(std::string_view bytes) override {
    constexpr std::size_t kMost = std::size_t{16} << 20;
    if (bytes.size() > kMost - content_.size()) {
      throw Error(ErrorCode::configuration, "the scratch server has too large a state");
    }
    content_ += bytes;
  }
  void finish() override {}

  const std::string& content() const { return content_; }

 private:
  std::string content_;
};

class ScratchConsul : public backup::ScratchTarget {
 public:
  ScratchConsul(ClientOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)),
        log_(log),
        cancel_(cancel),
        client_(options_, log, cancel),
        component_(open_component({options_, true}, log, cancel)) {
    client_.await_leader();
    keep();
  }
  ~ScratchConsul() override;
  ScratchConsul(const ScratchConsul&) = delete;
  ScratchConsul& operator=(const ScratchConsul&) = delete;

  std::string location() const override { return options_.address.text(); }
  backup::Component& component() override { return *component_; }

  backup::Found examine(backup::ArtifactReader& artifacts) override {
    const auto snapshot = client_.snapshot();
    const Survey found = read_snapshot(*snapshot, {.digest = true}, cancel_);
    const auto stored = artifacts.open(artifacts.names().at(0));
    const Survey expected = read_snapshot(*stored, {.digest = true}, cancel_);
    return {found.counts, {{"digest of the kv entries", expected.digest, found.digest}}};
  }

 private:
  void keep();

  ClientOptions options_;
  Log& log_;
  const Cancel& cancel_;
  Client client_;
  std::unique_ptr<backup::Component> component_;
  SmallCopy before_;
};

void ScratchConsul::keep() {
  const auto snapshot = client_.snapshot();
  Tee both(*snapshot, before_);
  const Survey found = read_snapshot(both, {}, cancel_);
  if (found.counts.empty()) return;
  const auto& [name, count] = *found.counts.begin();
  throw Error(
      ErrorCode::configuration,
      location() + ": the scratch server holds something, such as " + std::to_string(count) + " " +
          name,
      "a restore test replaces all of it: name a server that holds nothing and has no ACLs");
}

/// Also when the run was interrupted: a new one has no signal yet.
ScratchConsul::~ScratchConsul() {
  try {
    const Cancel never;
    ViewSource before(before_.content());
    Client(options_, log_, never).restore(before);
  } catch (const std::exception& e) {
    log_.warning(std::string("the scratch server keeps what was restored: ") + e.what());
  }
}

}  // namespace

std::unique_ptr<backup::ScratchTarget> make_scratch_target(ClientOptions options, Log& log,
                                                           const Cancel& cancel) {
  return std::make_unique<ScratchConsul>(std::move(options), log, cancel);
}

}  // namespace prism::consul
