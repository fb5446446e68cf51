#include <optional>

#include <prism/base/error.hpp>
#include <prism/drivers/consul/checked_body.hpp>
#include <prism/drivers/consul/component.hpp>
#include <prism/drivers/consul/snapshot.hpp>
#include <prism/drivers/consul/tee.hpp>

namespace prism::consul {
namespace {

using backup::ArtifactReader;
using backup::ArtifactWriter;
using backup::Content;

constexpr const char* kArtifact = "snap";

/// Throws Error(bad_data) where there is none, or anything else.
std::unique_ptr<ByteSource> open_artifact(ArtifactReader& artifacts) {
  if (artifacts.names() != std::vector<std::string>{kArtifact}) {
    throw Error(ErrorCode::bad_data,
                std::string("Consul: one artifact was expected, ") + kArtifact);
  }
  return artifacts.open(kArtifact);
}

class ConsulComponent : public backup::Component {
 public:
  ConsulComponent(ComponentOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)),
        client_(options_.client, log, cancel),
        log_(log),
        cancel_(cancel) {}

  std::string location() const override { return options_.client.address.text(); }
  std::optional<Content> present(backup::Look look) override;
  Content dump(ArtifactWriter& artifacts) override;
  Content check(ArtifactReader& artifacts) override;
  Content restore(ArtifactReader& artifacts) override;
  bool restores_checked() const override { return true; }

 private:
  void warn_of_secrets() const;
  void warn_of_token() const;

  ComponentOptions options_;
  Client client_;
  Log& log_;
  const Cancel& cancel_;
  std::optional<Content> restored_;
};

/// What was restored just now need not be counted again, which would take as long: the servers have
/// read from it already.
std::optional<Content> ConsulComponent::present(backup::Look look) {
  client_.await_leader();
  if (restored_) return restored_;
  if (look == backup::Look::glance && client_.has_keys()) return Content{client_.version(), {}};
  const auto snapshot = client_.snapshot();
  const Survey found = read_snapshot(*snapshot, {.token = options_.client.settings.token}, cancel_);
  const bool only_ours = found.has_token && found.counts == backup::Counts{{"tokens", 1}};
  if (found.counts.empty() || only_ours) return {};
  return Content{client_.version(), found.counts};
}

Content ConsulComponent::dump(ArtifactWriter& artifacts) {
  client_.await_leader();
  const auto snapshot = client_.snapshot();
  const auto sink = artifacts.create(kArtifact);
  Tee both(*snapshot, *sink);
  const Survey found = read_snapshot(both, {}, cancel_);
  sink->finish();
  if (found.has_secrets && !options_.encrypted) warn_of_secrets();
  return {client_.version(), found.counts};
}

void ConsulComponent::warn_of_secrets() const {
  log_.warning(location() +
               ": the snapshot holds secrets, such as those of tokens and the key of " +
               "the certificate authority, and is not encrypted: backup.recipients names whom "
               "backups are encrypted for");
}

Content ConsulComponent::check(ArtifactReader& artifacts) {
  const auto source = open_artifact(artifacts);
  return {{}, read_snapshot(*source, {}, cancel_).counts};
}

/// It is checked while it is sent, for that takes as long as the server does.
Content ConsulComponent::restore(ArtifactReader& artifacts) {
  const auto source = open_artifact(artifacts);
  client_.await_leader();
  const std::string& token = options_.client.settings.token;
  const bool needs_token = !token.empty() && client_.has_acls();
  CheckedBody body(*source, {.token = token}, cancel_, [&](const Survey& found) {
    if (needs_token && !found.has_token) warn_of_token();
  });
  try {
    client_.restore(body);
  } catch (const Error&) {
    body.require_good_so_far();
    throw;
  }
  restored_ = Content{{}, body.survey().counts};
  return *restored_;
}

void ConsulComponent::warn_of_token() const {
  log_.warning(location() +
               ": the token in use is not in the backup: once that is restored, the "
               "servers know the tokens of then alone");
}

}  // namespace

std::unique_ptr<backup::Component> open_component(ComponentOptions options, Log& log,
                                                  const Cancel& cancel) {
  return std::make_unique<ConsulComponent>(std::move(options), log, cancel);
}

}  // namespace prism::consul
