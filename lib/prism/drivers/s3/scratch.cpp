#include <prism/base/error.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/s3/bucket.hpp>
#include <prism/drivers/s3/comparison.hpp>
#include <prism/drivers/s3/listing.hpp>
#include <prism/drivers/s3/scratch.hpp>
#include <prism/drivers/s3/surplus.hpp>

namespace prism::s3 {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
  throw Error(ErrorCode::configuration, what, hint);
}

/// The place while it is used, by an object `.prismctl-scratch` that says whether the bucket was
/// made for it: what a test that was killed has left is removed by the next one.
class Place {
 public:
  Place(const ComponentOptions& options, Log& log, const Cancel& cancel)
      : scope_(parse_address(options.url, options.client.settings), options.repository,
               options.client.settings),
        client_(parse_address(options.url, options.client.settings), options.client, log, cancel),
        mark_(scope_.key_of(kScratchMark)) {
    is_made_ = !server_of_bucket(client_);
    if (is_made_) make_bucket(client_);
    if (!is_made_ && !take_over()) require_empty();
    client_.send({.method = "PUT", .key = mark_, .body = is_made_ ? kMade : kFound});
  }

  ~Place() {
    try {
      clear();
    } catch (const std::exception&) {
      // The mark is still there: the next test does it.
    }
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  Client& client() { return client_; }
  const Scope& scope() const { return scope_; }
  std::string text() const { return client_.address().text(); }

 private:
  static constexpr std::string_view kMade = "made";
  static constexpr std::string_view kFound = "found";

  /// Whether it is what an earlier test has left.
  bool take_over() {
    const auto mark = read_whole(client_, mark_, kFound.size());
    if (!mark) return false;
    is_made_ = mark->bytes == kMade;
    remove_all();
    return true;
  }

  void require_empty() {
    each_page(client_, scope_.prefix(), [this](const std::vector<ListedObject>& page) {
      if (page.empty()) return;
      refuse(
          "scratch: " + text() + " holds something already",
          "name a bucket that is empty, or none yet: what a restore test makes there is removed");
    });
  }

  /// Also when a signal has come: it is ours.
  void remove_all() {
    const Cancel never;
    remove_objects(
        client_, scope_, [](const std::string&) { return false; }, never);
    remove_object(client_, scope_.key_of(kRestoreRecord));
  }

  void clear() {
    remove_all();
    remove_object(client_, mark_);
    if (is_made_) remove_bucket(client_);
  }

  Scope scope_;
  Client client_;
  std::string mark_;
  bool is_made_ = false;
};

class ScratchBucket : public backup::ScratchTarget {
 public:
  ScratchBucket(const ComponentOptions& options, Log& log, const Cancel& cancel)
      : cancel_(cancel),
        place_(options, log, cancel),
        component_(open_component(options, log, cancel)) {}

  std::string location() const override { return place_.text(); }
  backup::Component& component() override { return *component_; }

  backup::Found examine(backup::ArtifactReader& artifacts) override {
    const auto present = component_->present(backup::Look::counted);
    const auto source = artifacts.open(artifacts.names().at(0));
    ObjectTarReader tar(*source, cancel_);
    Comparison comparison(place_.client(), place_.scope(), cancel_);
    comparison.compare(tar);
    return {present ? present->counts : Tally().counts(), comparison.checks()};
  }

 private:
  const Cancel& cancel_;
  Place place_;
  std::unique_ptr<backup::Component> component_;
};

void require_apart(const ComponentOptions& options, const std::string& other,
                   const std::string& what) {
  if (config::scheme_of(other) != "s3") return;
  const config::S3Settings& settings = options.client.settings;
  if (!overlap(parse_address(options.url, settings), parse_address(other, settings))) return;
  refuse("scratch: " + config::without_password(options.url) + " and " + what + " meet",
         "name a bucket of its own for restore tests");
}

}  // namespace

std::unique_ptr<backup::ScratchTarget> make_scratch_bucket(ComponentOptions options,
                                                           const std::string& target, Log& log,
                                                           const Cancel& cancel) {
  if (options.url.empty()) {
    refuse("no scratch bucket is configured",
           "name one that is empty, or none yet: targets.NAME.scratch = \"s3://BUCKET\"");
  }
  if (config::scheme_of(options.url) != "s3") {
    refuse("scratch: found " + config::without_password(options.url) + ", expected s3://BUCKET",
           "");
  }
  require_apart(options, target, "the target");
  require_apart(options, options.repository, "the repository");
  return std::make_unique<ScratchBucket>(options, log, cancel);
}

}  // namespace prism::s3
