#include <prism/base/files.hpp>

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>

namespace prism {
namespace {

constexpr std::size_t kBufferSize = 256 * 1024;

FileDescriptor open_or_throw(const std::filesystem::path& file, int flags, mode_t mode = 0666) {
  FileDescriptor fd(::open(file.c_str(), flags | O_CLOEXEC, mode));
  if (!fd.valid()) throw system_error(errno, file.string());
  return fd;
}

void write_all(int fd, std::string_view data, const std::string& name) {
  while (!data.empty()) {
    const ssize_t written = ::write(fd, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw system_error(errno, name);
    data.remove_prefix(static_cast<std::size_t>(written));
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
  const FileDescriptor fd = open_or_throw(path, O_RDONLY);
  // Some file systems can't sync a folder and say EINVAL; there is nothing more to be had there.
  if (::fsync(fd.get()) != 0 && errno != EINVAL) throw system_error(errno, path.string());
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
    throw system_error(e.code().value(), file.string());
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw;
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

void FileWriter::flush() {
  write_all(fd_, buffer_, name_);
  buffer_.clear();
}

void FileWriter::close() {
  flush();
  if (!owned_.valid()) return;
  if (::fsync(fd_) != 0 && errno != EINVAL) throw system_error(errno, name_);
  owned_.reset();
}

TemporaryFolder::TemporaryFolder(const std::filesystem::path& parent, std::string_view prefix) {
  std::string name = (parent / prefix).string() + "XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw system_error(errno, parent.string());
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace prism
