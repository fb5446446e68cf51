#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/drivers/files/walk.hpp>

namespace prism::files {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

/// None, with errno, when it can't be opened.
Folder open_folder(int parent, const std::string& entry) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const int fd = ::openat(parent, entry.c_str(), kFlags);
  if (fd < 0) return nullptr;
  Folder folder(::fdopendir(fd));
  if (!folder) ::close(fd);
  return folder;
}

class Walker {
 public:
  Walker(const RootFolder& root, const Cancel& cancel,
         const std::function<void(const Found&)>& visit)
      : root_(root), cancel_(cancel), visit_(visit) {}

  void begin_at(const std::string& name) {
    const SplitName split(name);
    const FileDescriptor folder = root_.open(split.folder, RootFolder::Missing::fail);
    name_ = name;
    if (name.empty()) return descend(folder.get(), ".");
    look_at(folder.get(), split.last);
  }

 private:
  void look_at(int folder, const std::string& entry) {
    cancel_.check();
    struct stat state {};
    if (::fstatat(folder, entry.c_str(), &state, AT_SYMLINK_NOFOLLOW) != 0) return fail();
    visit_({name_, folder, entry, state});
    if (S_ISDIR(state.st_mode)) descend(folder, entry);
  }

  void descend(int parent, const std::string& entry) {
    const Folder folder = open_folder(parent, entry);
    if (!folder) return fail();
    const std::size_t size = name_.size();
    for (const std::string& each : entries_of(folder.get())) {
      if (size > 0) name_ += '/';
      name_ += each;
      look_at(::dirfd(folder.get()), each);
      name_.resize(size);
    }
  }

  std::vector<std::string> entries_of(DIR* folder) const {
    std::vector<std::string> entries;
    for (;;) {
      errno = 0;
      const dirent* const entry = ::readdir(folder);
      if (entry == nullptr && errno != 0) throw system_error(errno, root_.path_of(name_));
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") entries.emplace_back(name);
    }
    std::sort(entries.begin(), entries.end());
    return entries;
  }

  /// Unless it vanished, or another thing came in its place.
  void fail() const {
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return;
    throw system_error(errno, root_.path_of(name_));
  }

  const RootFolder& root_;
  const Cancel& cancel_;
  const std::function<void(const Found&)>& visit_;
  std::string name_;  ///< of what is looked at
};

}  // namespace

void walk(const RootFolder& root, const std::vector<std::string>& names, const Cancel& cancel,
          const std::function<void(const Found&)>& visit) {
  Walker walker(root, cancel, visit);
  for (const std::string& name : names) walker.begin_at(name);
}

}  // namespace prism::files
