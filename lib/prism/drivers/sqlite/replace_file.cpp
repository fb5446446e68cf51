#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/drivers/sqlite/file_lock.hpp>
#include <prism/drivers/sqlite/replace_file.hpp>

namespace prism::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr std::array kCompanions{"-wal", "-shm", "-journal"};

bool is_number(const std::string& name) {
  return !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
}

bool belongs_to(const fs::path& file, const std::string& opened) {
  if (!opened.starts_with(file.string())) return false;
  const std::string rest = opened.substr(file.string().size());
  return rest.empty() ||
         std::find(kCompanions.begin(), kCompanions.end(), rest) != kCompanions.end();
}

/// Processes of this machine that may have a file open.
class Openers {
 public:
  /// Throws Error(locked) for the first that has.
  explicit Openers(const fs::path& file) : file_(file) {
    const std::string self = std::to_string(::getpid());
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/proc", error)) {
      const std::string name = entry.path().filename().string();
      if (is_number(name) && name != self) look_at(entry.path());
    }
    // Where others' are hidden, the first is as well.
    if (!fs::exists("/proc/1", error)) all_seen_ = false;
  }

  bool all_seen() const { return all_seen_; }

 private:
  void look_at(const fs::path& process) {
    std::error_code error;
    for (const auto& fd : fs::directory_iterator(process / "fd", error)) {
      std::error_code ignored;
      if (!belongs_to(file_, fs::read_symlink(fd.path(), ignored).string())) continue;
      throw Error(ErrorCode::locked,
                  fmt::format("{}: process {} has it open, and it must be replaced as a file",
                              file_.string(), process.filename().string()),
                  "stop what uses it, then run it again");
    }
    if (error == std::errc::permission_denied) all_seen_ = false;
  }

  const fs::path& file_;
  bool all_seen_ = true;
};

/// Those of the old file. Only root may give it to somebody else.
void take_owner_and_mode(const fs::path& copy, const fs::path& file) {
  struct stat old {};
  if (::stat(file.c_str(), &old) != 0) return;
  fs::permissions(copy, static_cast<fs::perms>(old.st_mode) & fs::perms::mask);
  if (::chown(copy.c_str(), old.st_uid, old.st_gid) != 0 && errno != EPERM) {
    throw system_error(errno, copy.string());
  }
}

void put_in_place(const fs::path& copy, const fs::path& file) {
  for (const char* const companion : kCompanions) fs::remove(file.string() + companion);
  fs::rename(copy, file);
  sync_path(file.parent_path());
}

}  // namespace

void replace_file(const fs::path& copy, const fs::path& file, Log& log) {
  if (!fs::exists(file)) return put_in_place(copy, file);
  const ExclusiveLock lock(file);
  const Openers openers(file);
  if (!openers.all_seen() || !lock.held()) {
    log.warning(file.string() +
                ": damaged, and replaced as a file; whether a process of somebody else has the old "
                "one open can't be seen by this user: restart those that use it");
  }
  take_owner_and_mode(copy, file);
  put_in_place(copy, file);
}

}  // namespace prism::sqlite
