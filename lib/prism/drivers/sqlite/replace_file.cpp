#include <optional>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/drivers/sqlite/open_elsewhere.hpp>

namespace prism::sqlite {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, std::int64_t process) {
  throw Error(ErrorCode::locked,
              fmt::format("{}: process {} has it open, and it must be replaced as a file",
                          file.string(), process),
              "stop what uses it, then run it again");
}

bool is_number(const std::string& name) {
  return !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
}

bool has_open(const fs::path& process, const fs::path& file) {
  std::error_code error;
  for (const auto& fd : fs::directory_iterator(process / "fd", error)) {
    std::error_code ignored;
    const std::string target = fs::read_symlink(fd.path(), ignored).string();
    if (!target.starts_with(file.string())) continue;
    const std::string rest = target.substr(file.string().size());
    if (rest.empty() || rest == "-wal" || rest == "-shm" || rest == "-journal") return true;
  }
  return false;
}

void require_no_process(const fs::path& file) {
  const std::string self = std::to_string(::getpid());
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename().string();
    if (!is_number(name) || name == self) continue;
    if (has_open(entry.path(), file)) fail(file, std::stoll(name));
  }
}

/// The bytes that SQLite locks (sqlite.org/fileformat2.html#the_lock_byte_page).
void require_no_lock(const fs::path& file) {
  const FileDescriptor fd(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd.valid()) return;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = 0x40000000;
  lock.l_len = 512;
  if (::fcntl(fd.get(), F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK) fail(file, lock.l_pid);
}

}  // namespace

void require_open_nowhere(const fs::path& file) {
  std::error_code error;
  const fs::path real = fs::canonical(file, error);
  if (error) return;  // there is none
  require_no_process(real);
  require_no_lock(real);
}

}  // namespace prism::sqlite
