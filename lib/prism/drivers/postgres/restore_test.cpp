#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/postgres/archive_check.hpp>
#include <prism/drivers/postgres/artifacts.hpp>
#include <prism/drivers/postgres/restore_test.hpp>
#include <prism/drivers/postgres/row_digests.hpp>
#include <prism/drivers/postgres/scratch_database.hpp>
#include <prism/drivers/postgres/server.hpp>
#include <prism/repository/folder.hpp>

namespace prism::postgres {
namespace {

namespace fs = std::filesystem;
using backup::Check;
using Digests = std::map<std::string, std::string>;

/// Artifacts as files of a folder.
class FileArtifacts : public backup::ArtifactWriter, public backup::ArtifactReader {
 public:
  explicit FileArtifacts(const fs::path& folder) : files_(folder) {}

  std::unique_ptr<ByteSink> create(const std::string& name) override {
    names_.push_back(name);
    return files_.create(name);
  }
  std::vector<std::string> names() const override { return names_; }
  std::unique_ptr<ByteSource> open(const std::string& name) override { return files_.open(name); }

 private:
  repository::FolderRepository files_;
  std::vector<std::string> names_;
};

std::vector<Check> compared(const Digests& stored, const Digests& restored) {
  Digests all = stored;
  all.insert(restored.begin(), restored.end());
  const auto text = [](const Digests& digests, const std::string& table) {
    const auto found = digests.find(table);
    return found == digests.end() ? "no rows" : found->second;
  };
  std::vector<Check> checks;
  for (const auto& [table, digest] : all) {
    checks.push_back(
        {"digest of the rows of " + table, text(stored, table), text(restored, table)});
  }
  return checks;
}

class ScratchTarget : public backup::ScratchTarget {
 public:
  ScratchTarget(ComponentOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)),
        server_(options_, log, cancel),
        database_(server_, log),
        cancel_(cancel) {
    options_.url = with_database(options_.url, database_.name());
    component_ = open_component(options_, log, cancel);
  }

  std::string location() const override { return component_->location(); }
  backup::Component& component() override { return *component_; }

  backup::Found examine(backup::ArtifactReader& artifacts) override {
    const fs::path parent =
        options_.scratch_folder.empty() ? fs::temp_directory_path() : options_.scratch_folder;
    const TemporaryFolder folder(parent, "prismctl-restore-test-");
    require_space(folder.path(), artifacts.size(kDump));
    FileArtifacts again(folder.path());
    const backup::Content content = component_->dump(again);
    return {content.counts, compared(digests_of(artifacts), digests_of(again))};
  }

 private:
  Digests digests_of(backup::ArtifactReader& artifacts) {
    const Tool tool = pg_restore_of(read_record(artifacts), options_.settings.bin_dir, cancel_);
    RowDigests digests;
    read_rows(artifacts, tool, cancel_, [&](std::string_view text) { digests.add(text); });
    return digests.finish();
  }

  ComponentOptions options_;
  Server server_;
  TestDatabase database_;
  const Cancel& cancel_;
  std::unique_ptr<backup::Component> component_;
};

}  // namespace

std::string with_database(const std::string& url, const std::string& database) {
  constexpr std::array<std::string_view, 1> kName{"dbname"};
  std::string changed = url;
  config::take_parameters(changed, kName);
  const std::size_t authority = changed.find("://") + 3;
  const std::size_t query = std::min(changed.find('?', authority), changed.size());
  const std::size_t path = std::min(changed.find('/', authority), query);
  return changed.substr(0, path) + "/" + config::percent_encoded(database) + changed.substr(query);
}

std::unique_ptr<backup::ScratchTarget> make_scratch_target(ComponentOptions options, Log& log,
                                                           const Cancel& cancel) {
  if (!options.url.empty()) {
    return std::make_unique<ScratchTarget>(std::move(options), log, cancel);
  }
  throw Error(ErrorCode::configuration, "no server to restore it into",
              "this target is not configured here: name it, or a server, in the config file");
}

}  // namespace prism::postgres
