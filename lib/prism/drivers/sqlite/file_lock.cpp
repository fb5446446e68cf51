#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/sqlite/file_lock.hpp>

namespace prism::sqlite {
namespace {

/// The bytes that SQLite locks: sqlite.org/fileformat2.html#the_lock_byte_page.
struct flock all_locks() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = 0x40000000;
  lock.l_len = 512;
  return lock;
}

}  // namespace

std::optional<pid_t> lock_holder(int fd) {
  struct flock lock = all_locks();
  if (::fcntl(fd, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return {};
  return std::max<pid_t>(lock.l_pid, 0);
}

ExclusiveLock::ExclusiveLock(const std::filesystem::path& file)
    : fd_(::open(file.c_str(), O_RDWR | O_CLOEXEC)) {
  if (!fd_.valid()) return;
  struct flock lock = all_locks();
  if (::fcntl(fd_.get(), F_SETLK, &lock) == 0) return;
  if (errno != EACCES && errno != EAGAIN) throw system_error(errno, file.string());
  throw Error(ErrorCode::locked,
              fmt::format("{}: process {} has it open, and it must be replaced as a file",
                          file.string(), lock_holder(fd_.get()).value_or(0)),
              "stop what uses it, then run it again");
}

}  // namespace prism::sqlite
