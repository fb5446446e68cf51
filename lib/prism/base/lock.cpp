#include <algorithm>
#include <cerrno>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/host.hpp>
#include <prism/base/lock.hpp>
#include <prism/base/text.hpp>

namespace prism {
namespace {

constexpr std::chrono::milliseconds kPollInterval{50};

/// Even without a wait: a look at the owner (FileLock::owner) holds the file for a moment, and an
/// owner that goes removes it.
constexpr std::chrono::milliseconds kShortestWait{200};

/// Whether the path still names the file behind the descriptor: an earlier owner may have removed
/// it.
bool still_there(int fd, const std::filesystem::path& file) {
  struct stat opened {
  }, named{};
  return ::fstat(fd, &opened) == 0 && ::stat(file.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

std::string written_in(const std::filesystem::path& file) {
  try {
    return std::string(trimmed(read_file(file, 4096)));
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

FileLock::FileLock(std::filesystem::path file, std::string_view purpose, std::chrono::seconds wait,
                   const Cancel& cancel)
    : file_(std::move(file)) {
  const auto until =
      std::chrono::steady_clock::now() + std::max<std::chrono::milliseconds>(wait, kShortestWait);
  while (!try_take()) {
    cancel.check();
    if (std::chrono::steady_clock::now() >= until) {
      const std::string owner = written_in(file_);
      throw Error(
          ErrorCode::locked,
          file_.string() + ": held by another run" + (owner.empty() ? "" : " (" + owner + ")"),
          "wait for it with --lock-wait SECONDS");
    }
    std::this_thread::sleep_for(kPollInterval);
  }
  write_owner(purpose);
}

std::string FileLock::owner(const std::filesystem::path& file) {
  const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() || ::flock(fd.get(), LOCK_SH | LOCK_NB) == 0) return {};
  return written_in(file);
}

bool FileLock::try_take() {
  FileDescriptor fd(::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd.valid()) throw write_error(errno, file_.string());
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    throw system_error(errno, file_.string());
  }
  if (!still_there(fd.get(), file_)) return false;
  fd_ = std::move(fd);
  return true;
}

void FileLock::write_owner(std::string_view purpose) {
  const std::string owner = std::string(purpose) + ", process " + std::to_string(::getpid()) +
                            " on " + host_name() + " since " +
                            format_utc(std::chrono::system_clock::now()) + "\n";
  // Only for the message that another run shows: a full disk must not keep anyone from working.
  if (::ftruncate(fd_.get(), 0) == 0) (void)!::write(fd_.get(), owner.data(), owner.size());
}

FileLock::~FileLock() {
  if (fd_.valid()) ::unlink(file_.c_str());
}

}  // namespace prism
