#include <cerrno>
#include <chrono>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/drivers/sqlite/file_lock.hpp>
#include <prism/drivers/sqlite/unlocked_read.hpp>

namespace prism::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHint =
    "run it as who may write to its folder, or stop what uses it; then try again";

bool has_waiting_log(const fs::path& file) {
  std::error_code error;
  const auto waiting = fs::file_size(file.string() + "-wal", error);
  return !error && waiting > 0;
}

/// Times of files go on in steps of up to 10 ms: what is younger could change and look the same.
bool is_settled(const struct stat& state) {
  using namespace std::chrono;
  const auto changed = seconds(state.st_mtim.tv_sec) + nanoseconds(state.st_mtim.tv_nsec);
  const auto age = system_clock::now().time_since_epoch() - changed;
  return age < nanoseconds(0) || age > milliseconds(50);
}

bool is_same(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

fs::path real_path(const fs::path& file) {
  constexpr int kMost = 40;
  fs::path real = fs::absolute(file);
  for (int links = 0; fs::is_symlink(fs::symlink_status(real)); ++links) {
    if (links == kMost) throw system_error(ELOOP, file.string());
    real = real.parent_path() / fs::read_symlink(real);
  }
  return fs::weakly_canonical(real);
}

bool has_writable_folder(const fs::path& file) {
  return ::access(real_path(file).parent_path().c_str(), W_OK) == 0;
}

UnlockedRead::UnlockedRead(fs::path file) : file_(real_path(file)), before_(state()) {
  while (!is_settled(before_)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    before_ = state();
  }
  const FileDescriptor fd(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) throw system_error(errno, file_.string());
  if (has_waiting_log(file_) || lock_holder(fd.get())) {
    throw Error(ErrorCode::locked,
                file_.string() + ": in use, and its write-ahead log can't be read by us", kHint);
  }
}

void UnlockedRead::require_unchanged() const {
  const struct stat now = state();
  if (now.st_dev == before_.st_dev && now.st_ino == before_.st_ino &&
      now.st_size == before_.st_size && is_same(now.st_mtim, before_.st_mtim) &&
      is_same(now.st_ctim, before_.st_ctim)) {
    return;
  }
  throw Error(ErrorCode::locked,
              file_.string() + ": written to while it was read, which could not lock it", kHint);
}

/// https://www.sqlite.org/uri.html
std::string UnlockedRead::uri() const {
  std::string uri = "file:";
  for (const char c : file_.string()) {
    if (c == '%' || c == '?' || c == '#') {
      uri += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

struct stat UnlockedRead::state() const {
  struct stat state {};
  if (::stat(file_.c_str(), &state) != 0) throw system_error(errno, file_.string());
  return state;
}

}  // namespace prism::sqlite
