#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/drivers/files/replacement.hpp>
#include <prism/drivers/files/tar_reader.hpp>

namespace prism::files {

Replacement::Replacement(int folder, std::string path) : folder_(folder), path_(std::move(path)) {
  if (::unlinkat(folder_, kTemporaryName, 0) != 0 && errno != ENOENT) {
    throw write_error(errno, path_);
  }
}

// Two names of one file are left as they are by rename, so that it may be there in any case.
Replacement::~Replacement() { ::unlinkat(folder_, kTemporaryName, 0); }

FileDescriptor Replacement::make_file() const {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  FileDescriptor file(::openat(folder_, kTemporaryName, kFlags, 0600));
  if (!file.valid()) throw write_error(errno, path_);
  return file;
}

void Replacement::make_symbolic_link(const std::string& target) const {
  if (::symlinkat(target.c_str(), folder_, kTemporaryName) != 0) throw write_error(errno, path_);
}

void Replacement::make_hard_link(int folder, const std::string& entry) const {
  if (::linkat(folder, entry.c_str(), folder_, kTemporaryName, 0) != 0) {
    throw write_error(errno, path_);
  }
}

void Replacement::put_in_place(const std::string& entry) const {
  const auto put = [&] { return ::renameat(folder_, kTemporaryName, folder_, entry.c_str()) == 0; };
  if (put()) return;
  if (errno != EISDIR) throw write_error(errno, path_);
  if (::unlinkat(folder_, entry.c_str(), AT_REMOVEDIR) == 0 && put()) return;
  if (errno != ENOTEMPTY && errno != EEXIST) throw write_error(errno, path_);
  throw Error(ErrorCode::refused,
              path_ + ": is a folder that isn't empty, but the archive has a file or a link there",
              "move it away, or restore into another folder");
}

}  // namespace prism::files
