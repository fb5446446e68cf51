#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/base/descriptor.hpp>
#include <prism/base/error.hpp>
#include <prism/drivers/files/root_folder.hpp>

namespace prism::files {
namespace {

constexpr int kStep = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

Error failure(int error_number, int parent, const std::string& part, const std::string& path) {
  struct stat state {};
  if (error_number != ENOTDIR && error_number != ELOOP) return write_error(error_number, path);
  if (::fstatat(parent, part.c_str(), &state, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(state.st_mode)) {
    return link_in_the_way(path);
  }
  return {ErrorCode::refused, path + ": is not a folder, but one is needed here"};
}

FileDescriptor make_folder(int parent, const std::string& part, const std::string& path) {
  if (::mkdirat(parent, part.c_str(), 0755) != 0 && errno != EEXIST) throw write_error(errno, path);
  sync_folder(parent, path);
  FileDescriptor made(::openat(parent, part.c_str(), kStep));
  if (!made.valid()) throw failure(errno, parent, part, path);
  return made;
}

}  // namespace

SplitName::SplitName(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) folder = name.substr(0, slash);
  last = name.substr(slash == std::string_view::npos ? 0 : slash + 1);
}

void sync_folder(int folder, const std::string& path) {
  const FileDescriptor readable(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (readable.valid()) sync_descriptor(readable.get(), path);
}

Error link_in_the_way(const std::string& path) {
  return {ErrorCode::refused,
          path + ": is a symbolic link, but a folder is needed here, and no link is followed",
          "restore into another folder, or put a folder in the place of the link"};
}

RootFolder::RootFolder(const std::filesystem::path& root)
    : root_(root), folder_(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  if (!folder_.valid()) throw system_error(errno, root.string());
}

FileDescriptor RootFolder::open(std::string_view name, Missing missing) const {
  FileDescriptor at(::openat(folder_.get(), ".", kStep));
  if (!at.valid()) throw system_error(errno, root_.string());
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string part(name.substr(begin, end - begin));
    FileDescriptor next(::openat(at.get(), part.c_str(), kStep));
    if (!next.valid()) {
      const std::string path = path_of(name.substr(0, end));
      if (errno != ENOENT || missing == Missing::fail) throw failure(errno, at.get(), part, path);
      next = make_folder(at.get(), part, path);
    }
    at = std::move(next);
    begin = end + 1;
  }
  return at;
}

std::string RootFolder::path_of(std::string_view name) const { return (root_ / name).string(); }

}  // namespace prism::files
