#include <cerrno>
#include <fstream>
#include <future>

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/backup/copy_artifact.hpp>
#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/drivers/sqlite/component.hpp>
#include <prism/drivers/sqlite/database.hpp>
#include <prism/drivers/sqlite/open_elsewhere.hpp>

namespace prism::sqlite {
namespace {

namespace fs = std::filesystem;
using backup::Content;
using backup::copy_artifact;
using backup::Counts;

constexpr const char* kArtifact = "db";
constexpr const char* kCopy = "copy.db";

/// Every page is looked at, and that the indexes have as many entries as the tables.
void require_whole(Database& database) {
  const auto bytes = database.integer("PRAGMA page_size") * database.integer("PRAGMA page_count");
  if (static_cast<std::uint64_t>(bytes) != fs::file_size(database.file())) {
    throw Error(ErrorCode::bad_data, database.file().filename().string() + ": cut short");
  }
  std::string words = database.text("PRAGMA quick_check(1)");
  if (words == "ok") return;
  throw Error(ErrorCode::bad_data, database.file().filename().string() + ": damaged: " + words);
}

std::string identifier(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + "\"";
}

/// Of all tables but virtual ones, whose modules need not be here; what they keep is in tables of
/// their own.
Counts counts_of(Database& database) {
  Statement tables = database.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL %' "
      "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'");
  Counts counts;
  while (tables.step()) {
    const std::string name(tables.text(0));
    counts[name] =
        static_cast<std::uint64_t>(database.integer("SELECT count(*) FROM " + identifier(name)));
  }
  return counts;
}

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
  SqliteComponent(ComponentOptions options, const Cancel& cancel)
      : options_(std::move(options)), cancel_(cancel) {}

  std::string location() const override { return options_.file.string(); }

  std::optional<Content> present() override {
    std::error_code error;
    const auto size = fs::file_size(options_.file, error);
    if (error || size == 0) return {};
    try {
      return content_of(options_.file);
    } catch (const Error& e) {
      // What is damaged is there all the same.
      if (e.code() == ErrorCode::interrupted) throw;
      return Content{sqlite3_libversion(), {}};
    }
  }

  Content dump(backup::ArtifactWriter& artifacts) override {
    const TemporaryFolder scratch = make_scratch();
    const fs::path copy = scratch.path() / kCopy;
    if (fs::exists(options_.file)) require_space(scratch.path(), fs::file_size(options_.file));
    {
      Database source({options_.file, Access::read}, cancel_);
      Database target({copy, Access::create}, cancel_);
      target.execute("PRAGMA synchronous = OFF");  // it goes again
      target.copy_from(source);
    }
    // The copy changes no more: it is looked through while it is written.
    auto content = std::async(std::launch::async, [&] { return checked(copy); });
    const auto sink = artifacts.create(kArtifact);
    write_to(copy, *sink);
    Content whole = content.get();
    sink->finish();
    return whole;
  }

  bool restores_checked() const override { return true; }

  Content check(backup::ArtifactReader& artifacts) override {
    const TemporaryFolder scratch = make_scratch();
    const fs::path copy = scratch.path() / kCopy;
    copy_artifact(artifacts, kArtifact, copy, cancel_);
    return checked(copy);
  }

  /// The copy is made in the folder of the target, where it may take its place.
  Content restore(backup::ArtifactReader& artifacts) override {
    const fs::path folder = fs::absolute(options_.file).parent_path();
    fs::create_directories(folder);
    const TemporaryFolder scratch(folder, ".prismctl-restore-");
    const fs::path copy = scratch.path() / kCopy;
    copy_artifact(artifacts, kArtifact, copy, cancel_);
    Content content = checked(copy);
    if (!fs::exists(options_.file) || !copy_into_live(copy)) put_in_place(copy);
    return content;
  }

 private:
  TemporaryFolder make_scratch() const {
    const fs::path folder =
        options_.scratch_folder.empty() ? fs::temp_directory_path() : options_.scratch_folder;
    return {folder, "prismctl-sqlite-"};
  }

  Content content_of(const fs::path& file) {
    Database database({file, Access::read}, cancel_);
    return {sqlite3_libversion(), counts_of(database)};
  }

  Content checked(const fs::path& file) {
    if (fs::file_size(file) == 0) throw Error(ErrorCode::bad_data, "no SQLite database: empty");
    try {
      Database database({file, Access::read}, cancel_);
      require_whole(database);
      return {sqlite3_libversion(), counts_of(database)};
    } catch (const Error& e) {
      if (e.code() != ErrorCode::configuration && e.code() != ErrorCode::io) throw;
      throw Error(ErrorCode::bad_data, std::string("no sound SQLite database: ") + e.what());
    }
  }

  /// False where SQLite can't: the file is damaged, or its pages have another size.
  bool copy_into_live(const fs::path& copy) {
    try {
      Database source({copy, Access::read}, cancel_);
      Database live({options_.file, Access::write}, cancel_);
      if (live.integer("PRAGMA page_size") != source.integer("PRAGMA page_size")) return false;
      live.copy_from(source);
      return true;
    } catch (const Error& e) {
      const bool damaged = e.code() == ErrorCode::configuration || e.code() == ErrorCode::io;
      if (!damaged) throw;
      return false;
    }
  }

  /// Nobody may have the old file open: who has would go on with it, or mix its log with the new.
  void put_in_place(const fs::path& copy) const {
    require_open_nowhere(options_.file);
    take_owner_and_mode(copy);
    for (const char* const companion : {"-wal", "-shm", "-journal"}) {
      fs::remove(options_.file.string() + companion);
    }
    fs::rename(copy, options_.file);
    sync_path(fs::absolute(options_.file).parent_path());
  }

  /// Those of the old file. Only root may give it to somebody else.
  void take_owner_and_mode(const fs::path& copy) const {
    struct stat old {};
    if (::stat(options_.file.c_str(), &old) != 0) return;
    fs::permissions(copy, static_cast<fs::perms>(old.st_mode) & fs::perms::mask);
    if (::chown(copy.c_str(), old.st_uid, old.st_gid) != 0 && errno != EPERM) {
      throw system_error(errno, copy.string());
    }
  }

  ComponentOptions options_;
  const Cancel& cancel_;
};

}  // namespace

std::unique_ptr<backup::Component> open_component(ComponentOptions options, const Cancel& cancel) {
  return std::make_unique<SqliteComponent>(std::move(options), cancel);
}

}  // namespace prism::sqlite
