#include <cerrno>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/base/descriptor.hpp>
#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/text.hpp>
#include <prism/base/write_behind.hpp>

namespace prism {
namespace {

constexpr std::size_t kBufferSize = 256 * 1024;

FileDescriptor open_or_throw(const std::filesystem::path& file, int flags, mode_t mode = 0666) {
  FileDescriptor fd(::open(file.c_str(), flags | O_CLOEXEC, mode));
  if (fd.valid()) return fd;
  throw(flags & O_CREAT) != 0 ? write_error(errno, file.string())
                              : system_error(errno, file.string());
}

/// Whether the folder is ours, nobody uses it, and it is not just being made.
bool is_abandoned(const std::filesystem::path& folder) {
  constexpr std::time_t kOld = 60;
  const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat state {};
  return fd.valid() && ::fstat(fd.get(), &state) == 0 && state.st_uid == ::geteuid() &&
         state.st_mtime + kOld < std::time(nullptr) && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
}

void remove_abandoned(const std::filesystem::path& parent, std::string_view prefix) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(parent, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix) || name.size() != prefix.size() + 6) continue;
    std::error_code ignored;
    if (is_abandoned(entry.path())) std::filesystem::remove_all(entry.path(), ignored);
  }
}

}  // namespace

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

FileDescriptor::~FileDescriptor() { reset(); }

void FileDescriptor::reset() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

std::string read_file(const std::filesystem::path& file, std::size_t limit) {
  const FileDescriptor fd = open_or_throw(file, O_RDONLY);
  std::string content;
  while (content.size() <= limit) {
    const std::size_t had = content.size();
    content.resize(had + 64 * 1024);
    const ssize_t got = ::read(fd.get(), content.data() + had, content.size() - had);
    if (got < 0 && errno != EINTR) throw system_error(errno, file.string());
    content.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return content;
  }
  throw Error(ErrorCode::bad_data, file.string() + ": larger than " + with_separators(limit) +
                                       " bytes, which this kind of file never is");
}

void sync_path(const std::filesystem::path& path) {
  sync_descriptor(open_or_throw(path, O_RDONLY).get(), path.string());
}

void require_space(const std::filesystem::path& folder, std::uint64_t bytes) {
  const std::uint64_t free = std::filesystem::space(folder).available;
  if (free >= bytes) return;
  throw Error(ErrorCode::io, folder.string() + ": " + format_bytes(free) + " are free, " +
                                 format_bytes(bytes) + " are needed");
}

void write_file_atomically(const std::filesystem::path& file, std::string_view content) {
  const std::filesystem::path temporary = file.string() + ".tmp";
  try {
    FileWriter writer(temporary);
    writer.buffer() = content;
    writer.close();
    std::filesystem::rename(temporary, file);
  } catch (const std::filesystem::filesystem_error& e) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw write_error(e.code().value(), file.string());
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw;
  }
  sync_path(file.has_parent_path() ? file.parent_path() : ".");
}

void write_new_file(const std::filesystem::path& file, std::string_view content,
                    std::filesystem::perms mode) {
  const std::string temporary = file.string() + ".tmp";
  struct Removal {
    const std::string& file;
    ~Removal() { ::unlink(file.c_str()); }
  };
  const Removal removal{temporary};
  // What a killed run left may belong to someone else, or be open.
  ::unlink(temporary.c_str());
  const FileDescriptor fd = open_or_throw(temporary, O_WRONLY | O_CREAT | O_EXCL, 0600);
  write_all(fd.get(), content, file.string());
  if (::fchmod(fd.get(), static_cast<mode_t>(mode)) != 0) throw write_error(errno, file.string());
  sync_descriptor(fd.get(), file.string());
  // Unlike a rename, a link never replaces.
  if (::link(temporary.c_str(), file.c_str()) != 0) {
    if (errno != EEXIST) throw write_error(errno, file.string());
    throw Error(ErrorCode::refused, file.string() + ": it is there already, and stays as it is");
  }
  sync_path(file.has_parent_path() ? file.parent_path() : ".");
}

FileWriter::FileWriter(const std::filesystem::path& file)
    : owned_(open_or_throw(file, O_WRONLY | O_CREAT | O_TRUNC)),
      fd_(owned_.get()),
      name_(file.string()) {
  buffer_.reserve(kBufferSize + 64 * 1024);
}

FileWriter::FileWriter(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}

FileWriter::~FileWriter() = default;

void FileWriter::flush_if_full() {
  if (buffer_.size() >= kBufferSize) flush();
}

void FileWriter::write_behind() {
  behind_ = std::make_unique<WriteBehind>(
      [this](std::string_view block) { write_all(fd_, block, name_); });
}

void FileWriter::flush() {
  if (behind_) return behind_->push(buffer_);
  write_all(fd_, buffer_, name_);
  buffer_.clear();
}

void FileWriter::close() {
  flush();
  if (behind_) behind_->finish();
  if (!owned_.valid()) return;
  sync_descriptor(fd_, name_);
  owned_.reset();
}

TemporaryFolder::TemporaryFolder(const std::filesystem::path& parent, std::string_view prefix) {
  remove_abandoned(parent, prefix);
  std::string name = (parent / prefix).string() + "XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw write_error(errno, parent.string());
  path_ = name;
  lock_ = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (lock_.valid()) ::flock(lock_.get(), LOCK_SH | LOCK_NB);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace prism
