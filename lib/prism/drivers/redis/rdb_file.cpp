#include <cerrno>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/backup/copy_artifact.hpp>
#include <prism/base/error.hpp>
#include <prism/base/file_source.hpp>
#include <prism/base/files.hpp>
#include <prism/drivers/redis/rdb_file.hpp>
#include <prism/drivers/redis/rdb_survey.hpp>

namespace prism::redis {
namespace {

namespace fs = std::filesystem;
using backup::ArtifactReader;
using backup::ArtifactWriter;
using backup::Content;

constexpr const char* kArtifact = "dump.rdb";
constexpr const char* kNew = ".prismctl-restore.rdb";

FileSource open_file(const fs::path& file) {
  FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) throw system_error(errno, file.string());
  return {std::move(fd), file.string()};
}

fs::path file_at(const fs::path& place) {
  return fs::is_directory(place) ? place / kArtifact : place;
}

void require_no_append_only_file(const fs::path& folder) {
  for (const char* const name : {"appendonlydir", "appendonly.aof"}) {
    if (!fs::exists(folder / name)) continue;
    throw Error(ErrorCode::refused,
                fmt::format("{}: {} is there: a server begins from it and ignores {}",
                            folder.string(), name, kArtifact),
                "set appendonly no, take it away while the server is stopped, and turn it on again "
                "once the server is up");
  }
}

/// `redis-server`, `valkey-server`, …; empty where the process has ended.
std::string program_of(const fs::path& process) {
  std::ifstream in(process / "comm");
  std::string name;
  std::getline(in, name);
  return name;
}

/// A server works in the folder of its data. Processes of others may not be ours to look at.
void require_no_server(const fs::path& folder) {
  const fs::path real = fs::canonical(folder);
  std::error_code unreadable;
  for (const auto& process : fs::directory_iterator("/proc", unreadable)) {
    std::error_code none;
    const fs::path works_in = fs::read_symlink(process.path() / "cwd", none);
    const std::string program = program_of(process.path());
    if (works_in != real || !program.ends_with("-server")) continue;
    throw Error(ErrorCode::locked,
                fmt::format("{}: {} (process {}) works there, and would write over it when it ends",
                            folder.string(), program, process.path().filename().string()),
                "stop it first");
  }
}

/// Those of `old`. Only root may give a file to somebody else.
void take_owner_and_mode(const fs::path& file, const fs::path& old) {
  struct stat was {};
  if (::stat(old.c_str(), &was) != 0) throw system_error(errno, old.string());
  constexpr mode_t kPrivate = 0640;
  const mode_t mode = S_ISDIR(was.st_mode) ? kPrivate : was.st_mode & 07777U;
  if (::chmod(file.c_str(), mode) != 0) throw system_error(errno, file.string());
  if (::chown(file.c_str(), was.st_uid, was.st_gid) != 0 && errno != EPERM) {
    throw system_error(errno, file.string());
  }
}

class RdbFile : public backup::Component {
 public:
  RdbFile(const fs::path& place, const Cancel& cancel) : file_(file_at(place)), cancel_(cancel) {}

  std::string location() const override { return file_.string(); }

  std::optional<Content> present(backup::Look look) override {
    if (!fs::exists(file_)) return {};
    if (look == backup::Look::glance) return Content{};
    try {
      return survey(file_);
    } catch (const Error& e) {
      if (e.code() != ErrorCode::bad_data) throw;
      return Content{};  // damaged, but there
    }
  }

  Content dump(ArtifactWriter& artifacts) override {
    if (!fs::exists(file_)) throw Error(ErrorCode::input_missing, location() + ": is not there");
    FileSource source = open_file(file_);
    RdbSurvey survey;
    const auto sink = artifacts.create(kArtifact);
    RdbReader(source, survey, cancel_, sink.get()).read();
    sink->finish();
    return survey.content();
  }

  Content check(ArtifactReader& artifacts) override {
    RdbSurvey survey;
    read_rdb(*artifacts.open(name_in(artifacts)), survey, cancel_);
    return survey.content();
  }

  void require_restorable(ArtifactReader& artifacts) override {
    name_in(artifacts);
    require_no_append_only_file(folder());
    require_no_server(folder());
  }

  Content restore(ArtifactReader& artifacts) override {
    require_restorable(artifacts);
    const fs::path made = folder() / kNew;
    backup::copy_artifact(artifacts, kArtifact, made, cancel_);
    try {
      const Content content = survey(made);
      take_owner_and_mode(made, fs::exists(file_) ? file_ : folder());
      require_no_server(folder());
      fs::rename(made, file_);
      sync_path(folder());
      return content;
    } catch (...) {
      std::error_code gone;
      fs::remove(made, gone);
      throw;
    }
  }

  bool restores_checked() const override { return true; }

 private:
  fs::path folder() const { return fs::absolute(file_).parent_path(); }

  Content survey(const fs::path& file) const {
    FileSource source = open_file(file);
    RdbSurvey survey;
    read_rdb(source, survey, cancel_);
    return survey.content();
  }

  static std::string name_in(const ArtifactReader& artifacts) {
    const auto names = artifacts.names();
    if (names == std::vector<std::string>{kArtifact}) return kArtifact;
    throw Error(names.empty() ? ErrorCode::bad_data : ErrorCode::configuration,
                fmt::format("{} RDBs: one file takes the backup of one server", names.size()),
                "restore that of a Cluster into a running one");
  }

  fs::path file_;
  const Cancel& cancel_;
};

}  // namespace

std::unique_ptr<backup::Component> open_rdb_file(const fs::path& place, const Cancel& cancel) {
  return std::make_unique<RdbFile>(place, cancel);
}

}  // namespace prism::redis
