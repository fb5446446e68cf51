#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include <prism/base/descriptor.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/files/extractor.hpp>
#include <prism/drivers/files/replacement.hpp>

namespace prism::files {
Extractor::Extractor(const RootFolder& root) : root_(root), is_root_user_(::geteuid() == 0) {}

void Extractor::put(const TarEntry& entry, const std::function<std::string_view()>& content) {
  switch (entry.kind) {
    case TarEntry::Kind::file:
      return put_file(entry, content);
    case TarEntry::Kind::folder:
      return put_folder(entry);
    case TarEntry::Kind::symbolic_link:
      return put_symbolic_link(entry);
    case TarEntry::Kind::hard_link:
      return put_hard_link(entry);
  }
}

void Extractor::finish() {
  leave_folder();
  // Those within a folder come before it.
  std::sort(folders_.begin(), folders_.end(),
            [](const TarEntry& a, const TarEntry& b) { return a.name > b.name; });
  for (const TarEntry& each : folders_) finish_folder(each);
}

int Extractor::folder_of(const std::string& name) {
  if (folder_.valid() && folder_name_ == name) return folder_.get();
  leave_folder();
  folder_ = root_.open(name, RootFolder::Missing::make);
  folder_name_ = name;
  return folder_.get();
}

void Extractor::leave_folder() {
  if (folder_.valid()) sync_folder(folder_.get(), root_.path_of(folder_name_));
  folder_.reset();
}

void Extractor::put_file(const TarEntry& entry, const std::function<std::string_view()>& content) {
  const SplitName name(entry.name);
  const std::string path = root_.path_of(entry.name);
  const Replacement replacement(folder_of(name.folder), path);
  const FileDescriptor file = replacement.make_file();
  for (auto piece = content(); !piece.empty(); piece = content()) {
    write_all(file.get(), piece, path);
  }
  set_owner(file.get(), "", entry);
  if (::fchmod(file.get(), entry.mode) != 0) throw write_error(errno, path);
  set_time(file.get(), "", entry);
  sync_descriptor(file.get(), path);
  replacement.put_in_place(name.last);
}

void Extractor::put_symbolic_link(const TarEntry& entry) {
  const SplitName name(entry.name);
  const int folder = folder_of(name.folder);
  const Replacement replacement(folder, root_.path_of(entry.name));
  replacement.make_symbolic_link(entry.target);
  set_owner(folder, kTemporaryName, entry);
  set_time(folder, kTemporaryName, entry);
  replacement.put_in_place(name.last);
}

void Extractor::put_hard_link(const TarEntry& entry) {
  const SplitName name(entry.name);
  const SplitName target(entry.target);
  const FileDescriptor from = root_.open(target.folder, RootFolder::Missing::fail);
  struct stat state {};
  if (::fstatat(from.get(), target.last.c_str(), &state, AT_SYMLINK_NOFOLLOW) != 0 ||
      !S_ISREG(state.st_mode)) {
    throw Error(ErrorCode::bad_data, "tar: " + in_quotes(entry.name) + " is a hard link to " +
                                         in_quotes(entry.target) + ", which is no file");
  }
  const Replacement replacement(folder_of(name.folder), root_.path_of(entry.name));
  replacement.make_hard_link(from.get(), target.last);
  replacement.put_in_place(name.last);
}

void Extractor::put_folder(const TarEntry& entry) {
  if (entry.name.empty()) return;  // the root's own
  const SplitName name(entry.name);
  const std::string path = root_.path_of(entry.name);
  const int parent = folder_of(name.folder);
  struct stat state {};
  const bool is_there = ::fstatat(parent, name.last.c_str(), &state, AT_SYMLINK_NOFOLLOW) == 0;
  if (is_there && S_ISLNK(state.st_mode)) throw link_in_the_way(path);
  if (is_there && S_ISDIR(state.st_mode)) {
    open_up(parent, name.last, state);
  } else {
    if (is_there && ::unlinkat(parent, name.last.c_str(), 0) != 0) throw write_error(errno, path);
    if (::mkdirat(parent, name.last.c_str(), 0700) != 0) throw write_error(errno, path);
  }
  folders_.push_back(entry);
}

void Extractor::open_up(int parent, const std::string& name, const struct stat& state) const {
  const bool is_open =
      is_root_user_ || state.st_uid != ::geteuid() || (state.st_mode & 0700) == 0700;
  if (is_open) return;
  // What comes of it, the entries within will tell.
  ::fchmodat(parent, name.c_str(), (state.st_mode & 07777) | 0700, AT_SYMLINK_NOFOLLOW);
}

void Extractor::finish_folder(const TarEntry& entry) {
  const SplitName name(entry.name);
  const std::string path = root_.path_of(entry.name);
  const FileDescriptor parent = root_.open(name.folder, RootFolder::Missing::fail);
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const FileDescriptor folder(::openat(parent.get(), name.last.c_str(), kFlags));
  struct stat state {};
  if (!folder.valid() || ::fstat(folder.get(), &state) != 0) throw write_error(errno, path);
  set_owner(folder.get(), "", entry);
  const bool is_as_it_was = !is_root_user_ && (state.st_mode & 07777) == entry.mode;
  if (!is_as_it_was && ::fchmod(folder.get(), entry.mode) != 0) throw write_error(errno, path);
  set_time(folder.get(), "", entry);
  sync_descriptor(folder.get(), path);
}

void Extractor::set_owner(int fd, const char* entry, const TarEntry& of) {
  if (!is_root_user_) return;
  const uid_t user = owners_.user(of.user_name, of.user);
  const gid_t group = owners_.group(of.group_name, of.group);
  if (::fchownat(fd, entry, user, group, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0) {
    throw write_error(errno, root_.path_of(of.name));
  }
}

void Extractor::set_time(int fd, const char* entry, const TarEntry& of) const {
  if (!of.modified) return;
  const std::array<timespec, 2> times{timespec{0, UTIME_OMIT}, *of.modified};
  const int result = *entry == '\0' ? ::futimens(fd, times.data())
                                    : ::utimensat(fd, entry, times.data(), AT_SYMLINK_NOFOLLOW);
  if (result != 0) throw write_error(errno, root_.path_of(of.name));
}

}  // namespace prism::files
