#include <optional>
#include <system_error>
#include <utility>

#include <archive.h>

#include <prism/backup/unfinished_restore.hpp>
#include <prism/base/error.hpp>
#include <prism/drivers/files/check.hpp>
#include <prism/drivers/files/component.hpp>
#include <prism/drivers/files/counter.hpp>
#include <prism/drivers/files/dumper.hpp>
#include <prism/drivers/files/extractor.hpp>
#include <prism/drivers/files/paths.hpp>

namespace prism::files {
namespace {

namespace fs = std::filesystem;

constexpr const char* kArtifact = "tar";

class FilesComponent : public backup::Component {
 public:
  FilesComponent(Options options, const Cancel& cancel)
      : options_(std::move(options)), cancel_(cancel) {}

  std::string location() const override;
  std::optional<backup::Content> present(backup::Look) override;
  backup::Content dump(backup::ArtifactWriter& artifacts) override;
  backup::Content check(backup::ArtifactReader& artifacts) override;
  backup::Content restore(backup::ArtifactReader& artifacts) override;

 private:
  /// Of all the paths, each of which must be there.
  std::vector<std::string> names() const;
  std::vector<std::string> present_names() const;
  std::vector<std::string> all_of_root() const;

  Options options_;
  const Cancel& cancel_;
};

backup::Content content_of(const Tally& tally) {
  return {archive_version_string(), tally.counts(), tally.remarks()};
}

/// `tally` has what is in its place, also when it throws.
void extract(TarReader& tar, const RootFolder& root, Tally& tally) {
  Extractor extractor(root);
  while (const auto entry = tar.next()) {
    extractor.put(*entry, [&] { return tar.content(); });
    while (!tar.content().empty()) {
    }
    tally.add(*entry);
  }
  extractor.finish();
}

void make_root(const fs::path& root) {
  std::error_code error;
  fs::create_directories(root, error);
  if (error) throw write_error(error.value(), root.string());
}

std::string FilesComponent::location() const {
  std::string text;
  for (const std::string& path : options_.paths) {
    if (!text.empty()) text += ", ";
    text += path;
  }
  return options_.root == "/" ? text : text + " below " + options_.root.string();
}

std::vector<std::string> FilesComponent::names() const {
  std::vector<std::string> names;
  for (const std::string& path : options_.paths) {
    const auto some = names_of(path, options_.root);
    if (some.empty()) {
      throw Error(
          ErrorCode::input_missing,
          path + ": there is no such file or folder, and none that it matches as a pattern");
    }
    names.insert(names.end(), some.begin(), some.end());
  }
  return without_nested(std::move(names));
}

std::optional<backup::Content> FilesComponent::present(backup::Look) {
  const std::vector<std::string> names = options_.paths.empty() ? all_of_root() : present_names();
  if (names.empty()) return std::nullopt;
  Counter counter;
  walk(RootFolder(options_.root), names, cancel_, [&](const Found& found) { counter.add(found); });
  return content_of(counter.tally());
}

std::vector<std::string> FilesComponent::present_names() const {
  std::vector<std::string> names;
  for (const std::string& path : options_.paths) {
    const auto some = names_of(path, options_.root);
    names.insert(names.end(), some.begin(), some.end());
  }
  return without_nested(std::move(names));
}

/// Of what is restored somewhere else all that is there counts.
std::vector<std::string> FilesComponent::all_of_root() const {
  std::error_code error;
  const bool holds_some = options_.root != "/" && fs::is_directory(options_.root, error) &&
                          !fs::is_empty(options_.root, error);
  return holds_some ? std::vector<std::string>{""} : std::vector<std::string>();
}

backup::Content FilesComponent::dump(backup::ArtifactWriter& artifacts) {
  if (options_.paths.empty()) throw Error(ErrorCode::configuration, "no path says what to dump");
  const auto all = names();
  const RootFolder root(options_.root);
  const auto sink = artifacts.create(kArtifact);
  Dumper dumper(*sink, root, cancel_);
  walk(root, all, cancel_, [&](const Found& found) { dumper.add(found); });
  const Tally tally = dumper.finish();
  sink->finish();
  return content_of(tally);
}

backup::Content FilesComponent::check(backup::ArtifactReader& artifacts) {
  const auto source = artifacts.open(kArtifact);
  TarReader tar(*source, cancel_);
  return {{}, check_archive(tar).counts()};
}

backup::Content FilesComponent::restore(backup::ArtifactReader& artifacts) {
  const auto source = artifacts.open(kArtifact);
  TarReader tar(*source, cancel_);
  make_root(options_.root);
  const RootFolder root(options_.root);
  Tally tally;
  try {
    extract(tar, root, tally);
  } catch (const Error& e) {
    if (tally.files + tally.folders + tally.links == 0) throw;
    throw backup::unfinished_restore(e);
  }
  return content_of(tally);
}

}  // namespace

std::unique_ptr<backup::Component> open_component(Options options, const Cancel& cancel) {
  return std::make_unique<FilesComponent>(std::move(options), cancel);
}

}  // namespace prism::files
