#include <cerrno>
#include <fstream>
#include <future>

#include <sqlite3.h>

#include <prism/backup/copy_artifact.hpp>
#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/drivers/sqlite/component.hpp>
#include <prism/drivers/sqlite/database.hpp>
#include <prism/drivers/sqlite/failure.hpp>
#include <prism/drivers/sqlite/inspect.hpp>
#include <prism/drivers/sqlite/replace_file.hpp>
#include <prism/drivers/sqlite/unlocked_read.hpp>

namespace prism::sqlite {
namespace {

namespace fs = std::filesystem;
using backup::Content;
using backup::copy_artifact;

constexpr const char* kArtifact = "db";
constexpr const char* kCopy = "copy.db";

void write_to(const fs::path& file, ByteSink& sink) {
  std::ifstream in(file, std::ios::binary);
  std::vector<char> block(std::size_t{1} << 20);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
    sink.write({block.data(), static_cast<std::size_t>(in.gcount())});
  }
  if (in.bad() || !in.eof()) throw system_error(EIO, file.string());
}

class SqliteComponent : public backup::Component {
 public:
  SqliteComponent(ComponentOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)), log_(log), cancel_(cancel) {}

  std::string location() const override { return options_.file.string(); }

  std::optional<Content> present(backup::Look look) override {
    std::error_code error;
    const auto size = fs::file_size(options_.file, error);
    if (error || size == 0) return {};
    try {
      Database database = open(options_.file, Access::read);
      database.stand_in_for_collations();
      database.integer("SELECT count(*) FROM sqlite_schema");  // reads it
      if (look == backup::Look::glance) return Content{sqlite3_libversion(), {}};
      return Content{sqlite3_libversion(), counts_of(database)};
    } catch (const Error& e) {
      // What is damaged is there all the same.
      if (e.code() == ErrorCode::interrupted) throw;
      return Content{sqlite3_libversion(), {}};
    }
  }

  Content dump(backup::ArtifactWriter& artifacts) override {
    if (!fs::exists(options_.file)) {
      throw Error(ErrorCode::input_missing, location() + ": there is no such file",
                  "check the url of the target");
    }
    const TemporaryFolder scratch = make_scratch();
    const fs::path copy = scratch.path() / kCopy;
    require_space(scratch.path(), fs::file_size(options_.file));
    try {
      copy_to(copy);
      return write(copy, artifacts);
    } catch (const DamagedError& e) {
      throw Error(ErrorCode::bad_data, location() + ": no sound SQLite database: " + e.what(),
                  "restore it from a backup, or check the url of the target");
    }
  }

  bool restores_checked() const override { return true; }

  Content check(backup::ArtifactReader& artifacts) override {
    const TemporaryFolder scratch = make_scratch();
    return unpack(artifacts, scratch.path() / kCopy);
  }

  /// The copy is made in the folder of the target, where it may take its place.
  Content restore(backup::ArtifactReader& artifacts) override {
    const fs::path file = real_path(options_.file);
    fs::create_directories(file.parent_path());
    const TemporaryFolder scratch(file.parent_path(), ".prismctl-restore-");
    const fs::path copy = scratch.path() / kCopy;
    Content content = unpack(artifacts, copy);
    if (!fs::exists(file) || !copy_into_live(copy, file)) replace_file(copy, file, log_);
    return content;
  }

 private:
  TemporaryFolder make_scratch() const {
    const fs::path folder =
        options_.scratch_folder.empty() ? fs::temp_directory_path() : options_.scratch_folder;
    return {folder, "prismctl-sqlite-"};
  }

  Database open(const fs::path& file, Access access) const {
    return {{file, access, options_.busy_wait}, cancel_};
  }

  void copy_to(const fs::path& copy) const {
    Database source = open(options_.file, Access::read);
    Database target = open(copy, Access::create);
    target.execute("PRAGMA synchronous = OFF");  // it goes again
    target.copy_from(source);
  }

  /// The copy changes no more: it is looked through while it is written.
  Content write(const fs::path& copy, backup::ArtifactWriter& artifacts) const {
    auto content = std::async(std::launch::async, [&] { return inspect(copy, cancel_); });
    const auto sink = artifacts.create(kArtifact);
    write_to(copy, *sink);
    Content whole = content.get();
    // It takes a while with a large file, as the rest of the artifact does.
    const auto removed = std::async(std::launch::async, [&] { fs::remove(copy); });
    sink->finish();
    removed.wait();
    return whole;
  }

  Content unpack(backup::ArtifactReader& artifacts, const fs::path& copy) const {
    copy_artifact(artifacts, kArtifact, copy, cancel_);
    try {
      return inspect(copy, cancel_);
    } catch (const DamagedError& e) {
      throw Error(ErrorCode::bad_data, std::string("no sound SQLite database: ") + e.what());
    }
  }

  /// False where SQLite can't: the file is damaged.
  bool copy_into_live(const fs::path& copy, const fs::path& file) const {
    Database source = open(copy, Access::read);
    try {
      Database live = open(file, Access::write);
      live.copy_from(source);
      return true;
    } catch (const DamagedError&) {
      return false;
    }
  }

  ComponentOptions options_;
  Log& log_;
  const Cancel& cancel_;
};

}  // namespace

std::unique_ptr<backup::Component> open_component(ComponentOptions options, Log& log,
                                                  const Cancel& cancel) {
  return std::make_unique<SqliteComponent>(std::move(options), log, cancel);
}

}  // namespace prism::sqlite
