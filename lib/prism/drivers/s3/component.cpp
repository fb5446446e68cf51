#include <optional>

#include <prism/backup/unfinished_restore.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/s3/bucket.hpp>
#include <prism/drivers/s3/component.hpp>
#include <prism/drivers/s3/dumper.hpp>
#include <prism/drivers/s3/listing.hpp>
#include <prism/drivers/s3/object_tar_reader.hpp>
#include <prism/drivers/s3/restore_record.hpp>
#include <prism/drivers/s3/restorer.hpp>
#include <prism/drivers/s3/surplus.hpp>

namespace prism::s3 {
namespace {

using backup::Content;

constexpr const char* kArtifact = "tar";
constexpr std::string_view kTagsLeftOut =
    "the tags of objects: the access key lacks the right s3:GetObjectTagging";

class S3Component : public backup::Component {
 public:
  S3Component(ComponentOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)), log_(log), cancel_(cancel) {}

  std::string location() const override;
  std::optional<Content> present(backup::Look) override;
  Content dump(backup::ArtifactWriter& artifacts) override;
  Content check(backup::ArtifactReader& artifacts) override;
  void require_restorable(backup::ArtifactReader& artifacts) override;
  Content restore(backup::ArtifactReader& artifacts) override;
  std::optional<std::string> unfinished() override;

 private:
  /// Once it is asked for: artifacts are checked without keys.
  Client& client();
  const Scope& scope();
  Tally put_back(ObjectTarReader& tar);

  ComponentOptions options_;
  Log& log_;
  const Cancel& cancel_;
  std::optional<Scope> scope_;
  std::optional<Client> client_;
  std::vector<Upload> leftovers_;  ///< of a restore that was cut off, or of others
};

const Scope& S3Component::scope() {
  if (!scope_) {
    const config::S3Settings& settings = options_.client.settings;
    scope_.emplace(parse_address(options_.url, settings), options_.repository, settings);
  }
  return *scope_;
}

Client& S3Component::client() {
  scope();
  if (!client_) {
    client_.emplace(parse_address(options_.url, options_.client.settings), options_.client, log_,
                    cancel_);
  }
  return *client_;
}

std::string S3Component::location() const {
  if (options_.url.empty()) return {};
  return parse_address(options_.url, options_.client.settings).text();
}

std::optional<Content> S3Component::present(backup::Look) {
  const auto server = server_of_bucket(client());
  if (!server) return {};
  Tally tally;
  each_page(client(), scope().prefix(), [&](const std::vector<ListedObject>& page) {
    for (const ListedObject& listed : page) {
      if (scope().name_of(listed.key)) tally.add(listed.size);
    }
  });
  if (tally.objects == 0) return {};
  return Content{*server, tally.counts()};
}

Content S3Component::dump(backup::ArtifactWriter& artifacts) {
  const auto server = server_of_bucket(client());
  if (!server) {
    throw Error(ErrorCode::input_missing, location() + ": there is no such bucket",
                "create it, or correct the URL, s3://BUCKET/PREFIX");
  }
  const auto sink = artifacts.create(kArtifact);
  Dumper dumper(client(), scope(), *sink, cancel_);
  Content content{*server, dumper.dump().counts()};
  sink->finish();
  if (!dumper.reads_tags()) {
    content.left_out.emplace_back(kTagsLeftOut);
  }
  return content;
}

Content S3Component::check(backup::ArtifactReader& artifacts) {
  const auto source = artifacts.open(kArtifact);
  ObjectTarReader tar(*source, cancel_);
  Tally tally;
  KeySet names;
  while (const auto object = tar.next()) {
    if (tar.is_taken_back()) continue;
    tally.add(object->size);
    names.add(object->key);
  }
  if (names.close()) return {{}, tally.counts()};
  throw Error(ErrorCode::bad_data, "tar: an object is in it twice");
}

/// A bucket without backups takes every key.
void S3Component::require_restorable(backup::ArtifactReader& artifacts) {
  if (!scope().holds_repository()) return;
  const auto source = artifacts.open(kArtifact);
  ObjectTarReader tar(*source, cancel_);
  while (const auto object = tar.next()) (void)scope().restorable_key_of(object->key);
}

Content S3Component::restore(backup::ArtifactReader& artifacts) {
  const auto source = artifacts.open(kArtifact);
  ObjectTarReader tar(*source, cancel_);
  if (!server_of_bucket(client())) make_bucket(client());
  if (unfinished()) leftovers_ = list_uploads(client(), scope().prefix());
  write_restore_record(client(), scope(), location());
  try {
    const Tally tally = put_back(tar);
    remove_restore_record(client(), scope());
    return {{}, tally.counts()};
  } catch (const Error& e) {
    throw backup::unfinished_restore(e);
  }
}

Tally S3Component::put_back(ObjectTarReader& tar) {
  Restorer restorer(client(), scope(), std::move(leftovers_), cancel_);
  const Tally tally = restorer.restore(tar);
  if (!options_.exact) return tally;
  const auto is_kept = [&](const std::string& name) { return restorer.names().contains(name); };
  const std::uint64_t removed = remove_objects(client(), scope(), is_kept, cancel_);
  if (removed > 0) {
    log_.info(location() + ": removed " + with_separators(removed) +
              " objects that the backup does not hold");
  }
  return tally;
}

std::optional<std::string> S3Component::unfinished() {
  return read_restore_record(client(), scope());
}

}  // namespace

std::unique_ptr<backup::Component> open_component(ComponentOptions options, Log& log,
                                                  const Cancel& cancel) {
  return std::make_unique<S3Component>(std::move(options), log, cancel);
}

}  // namespace prism::s3
