#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <random>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/base/descriptor.hpp>
#include <prism/base/error.hpp>
#include <prism/base/file_source.hpp>
#include <prism/base/files.hpp>
#include <prism/repository/folder.hpp>
#include <prism/repository/name.hpp>

namespace prism::repository {
namespace {

namespace fs = std::filesystem;

constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

/// How the hidden name of an object ends that is being written: `.<name>.<16 digits>` and this.
constexpr std::string_view kTemporary = ".prismctl.tmp";

/// From the root to the one that an object lies in.
using Folders = std::vector<FileDescriptor>;

/// An object's name, taken apart.
struct Place {
  explicit Place(const std::string& name) : file(name) {
    for (std::size_t slash; (slash = file.find('/')) != std::string::npos;) {
      folders.push_back(file.substr(0, slash));
      file.erase(0, slash + 1);
    }
  }

  std::vector<std::string> folders;
  std::string file;
};

/// Nothing of that name, or something that is no file or folder of ours.
bool is_missing(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR || error_number == ELOOP;
}

FileDescriptor open_below(const FileDescriptor& folder, const std::string& name, int flags) {
  return FileDescriptor(::openat(folder.get(), name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, 0600));
}

/// None where one of them isn't there.
Folders open_folders(const fs::path& root, const Place& place) {
  Folders folders;
  folders.emplace_back(::open(root.c_str(), kFolder));
  if (!folders.back().valid() && errno != ENOENT) throw write_error(errno, root.string());
  for (const std::string& name : place.folders) {
    if (!folders.back().valid()) return {};
    folders.push_back(open_below(folders.back(), name, kFolder));
    if (!folders.back().valid() && !is_missing(errno)) {
      throw system_error(errno, (root / name).string());
    }
  }
  return folders.back().valid() ? std::move(folders) : Folders();
}

/// Makes a folder and those above it, durably.
void make_path(const fs::path& folder) {
  std::error_code ignored;
  if (folder.empty() || fs::is_directory(folder, ignored)) return;
  const fs::path parent = folder.parent_path();
  make_path(parent);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    throw write_error(errno, folder.string());
  }
  sync_path(parent.empty() ? "." : parent);
}

FileDescriptor make_root(const fs::path& root) {
  make_path(root);
  FileDescriptor folder(::open(root.c_str(), kFolder));
  if (!folder.valid()) throw write_error(errno, root.string());
  return folder;
}

/// Invalid, with errno, when it can't be.
FileDescriptor make_below(const FileDescriptor& folder, const std::string& name) {
  FileDescriptor found = open_below(folder, name, kFolder);
  if (found.valid() || errno != ENOENT) return found;
  if (::mkdirat(folder.get(), name.c_str(), 0700) != 0 && errno != EEXIST) return {};
  return open_below(folder, name, kFolder);
}

/// From the lowest up, as far as they are empty; the root stays.
void remove_empty(Folders& folders, const Place& place) {
  while (folders.size() > 1) {
    const std::size_t above = folders.size() - 2;
    const char* name = place.folders[above].c_str();
    if (::unlinkat(folders[above].get(), name, AT_REMOVEDIR) != 0) return;
    folders.pop_back();
  }
}

std::string temporary_name(const std::string& file) {
  std::random_device random;
  return fmt::format(".{}.{:08x}{:08x}{}", file, random(), random(), kTemporary);
}

/// Fails with EEXIST rather than replace what is there.
bool rename_within(const FileDescriptor& folder, const std::string& from, const std::string& to) {
  const int in = folder.get();
  if (::renameat2(in, from.c_str(), in, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  // Not every file system knows that flag: NFS doesn't.
  if (errno != EINVAL && errno != ENOSYS) return false;
  if (::linkat(in, from.c_str(), in, to.c_str(), 0) != 0) return false;
  ::unlinkat(in, from.c_str(), 0);
  return true;
}

constexpr std::uint64_t kSendAtOnce = std::uint64_t{4} << 20;

class FolderSink : public ByteSink {
 public:
  FolderSink(const fs::path& root, const std::string& name)
      : path_(root / name), place_(name), entry_(temporary_name(place_.file)) {
    // Whoever removes the last object of a folder takes that away, even while we make it.
    for (int tries = 0; !begin(root); ++tries) {
      const int why = errno;
      remove_empty(folders_, place_);
      if (why != ENOENT || tries == 1000) throw write_error(why, path_.string());
    }
  }

  ~FolderSink() override {
    if (entry_.empty()) return;
    ::unlinkat(folders_.back().get(), entry_.c_str(), 0);
    remove_empty(folders_, place_);
    // What stands in its place may be of someone who was killed before he came so far.
    for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) {
      ::fsync(folder->get());
    }
  }

  void write(std::string_view bytes) override {
    write_all(file_.get(), bytes, path_.string());
    written_ += bytes.size();
    if (written_ - sent_ >= kSendAtOnce) send();
  }

  void finish() override {
    sync_descriptor(file_.get(), path_.string());
    file_.reset();
    put_in_place();
    // All of them: who made a folder may not have come so far.
    for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) {
      sync_descriptor(folder->get(), path_.string());
    }
    entry_.clear();
  }

 private:
  bool begin(const fs::path& root) {
    folders_.clear();
    folders_.push_back(make_root(root));
    for (const std::string& name : place_.folders) {
      FileDescriptor made = make_below(folders_.back(), name);
      if (!made.valid()) return false;
      folders_.push_back(std::move(made));
    }
    file_ = open_below(folders_.back(), entry_, O_WRONLY | O_CREAT | O_EXCL);
    return file_.valid();
  }

  /// Has the disk begin with it, so that there is little left to wait for at the end. Where a file
  /// system can't, nothing is lost.
  void send() {
    ::sync_file_range(file_.get(), static_cast<off64_t>(sent_),
                      static_cast<off64_t>(written_ - sent_), SYNC_FILE_RANGE_WRITE);
    sent_ = written_;
  }

  void put_in_place() {
    if (rename_within(folders_.back(), entry_, place_.file)) {
      entry_ = place_.file;
    } else if (errno == EEXIST) {
      throw Error(ErrorCode::refused, path_.string() + ": is there already");
    } else {
      throw write_error(errno, path_.string());
    }
  }

  fs::path path_;
  Place place_;
  std::string entry_;  ///< what goes when this ends; empty: all is done
  Folders folders_;
  FileDescriptor file_;
  std::uint64_t written_ = 0;
  std::uint64_t sent_ = 0;  ///< of them, to the disk
};

/// Finds all objects below a folder.
class Walk {
 public:
  explicit Walk(const fs::path& root) : root_(root) {}

  /// `prefix` is the folder's name in the repository, with a slash, unless it is the root. Of what
  /// is in it, only that counts whose name begins with `beginning`.
  void enter(const FileDescriptor& folder, const std::string& prefix,
             std::string_view beginning = {}) {
    const std::unique_ptr<DIR, Close> entries = entries_of(folder, prefix);
    while (entries) {
      errno = 0;
      const dirent* entry = ::readdir(entries.get());
      if (entry == nullptr && errno != 0) throw system_error(errno, (root_ / prefix).string());
      if (entry == nullptr) return;
      const std::string_view name = entry->d_name;
      if (name.starts_with(beginning) && is_valid_name(name)) take(folder, entry->d_name, prefix);
    }
  }

  std::vector<Object> sorted() {
    std::sort(found_.begin(), found_.end(),
              [](const Object& a, const Object& b) { return a.name < b.name; });
    return std::move(found_);
  }

 private:
  struct Close {
    void operator()(DIR* entries) const { ::closedir(entries); }
  };

  /// Null when the folder was removed meanwhile.
  std::unique_ptr<DIR, Close> entries_of(const FileDescriptor& folder,
                                         const std::string& prefix) const {
    const int fd = ::openat(folder.get(), ".", kFolder);
    if (fd < 0 && errno == ENOENT) return nullptr;
    DIR* entries = fd < 0 ? nullptr : ::fdopendir(fd);
    if (entries != nullptr) return std::unique_ptr<DIR, Close>(entries);
    const int why = errno;
    if (fd >= 0) ::close(fd);
    throw system_error(why, (root_ / prefix).string());
  }

  void take(const FileDescriptor& folder, const std::string& file, const std::string& prefix) {
    struct stat state {};
    const std::string name = prefix + file;
    if (::fstatat(folder.get(), file.c_str(), &state, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT) throw system_error(errno, (root_ / name).string());
    } else if (S_ISDIR(state.st_mode)) {
      enter_below(folder, file, name + "/");
    } else if (S_ISREG(state.st_mode)) {
      found_.push_back({name, static_cast<std::uint64_t>(state.st_size), modified(state)});
    }
  }

  void enter_below(const FileDescriptor& folder, const std::string& file,
                   const std::string& prefix) {
    const FileDescriptor below = open_below(folder, file, kFolder);
    if (below.valid()) return enter(below, prefix);
    if (!is_missing(errno)) throw system_error(errno, (root_ / prefix).string());
  }

  static std::chrono::system_clock::time_point modified(const struct stat& state) {
    using std::chrono::system_clock;
    const std::chrono::nanoseconds fraction(state.st_mtim.tv_nsec);
    return system_clock::from_time_t(state.st_mtim.tv_sec) +
           std::chrono::duration_cast<system_clock::duration>(fraction);
  }

  const fs::path& root_;
  std::vector<Object> found_;
};

bool is_temporary(const fs::path& file) {
  constexpr std::size_t kDigits = 16;
  const std::string name = file.filename().string();
  if (!name.starts_with('.') || !name.ends_with(kTemporary)) return false;
  const std::string rest = name.substr(1, name.size() - 1 - kTemporary.size());
  if (rest.size() < kDigits + 2 || rest[rest.size() - kDigits - 1] != '.') return false;
  return is_valid_name(rest.substr(0, rest.size() - kDigits - 1)) &&
         rest.find_first_not_of("0123456789abcdef", rest.size() - kDigits) == std::string::npos;
}

bool is_untouched_since(const fs::path& file, std::chrono::system_clock::time_point moment) {
  struct stat state {};
  return ::lstat(file.c_str(), &state) == 0 && S_ISREG(state.st_mode) &&
         std::chrono::system_clock::from_time_t(state.st_mtim.tv_sec) < moment;
}

}  // namespace

std::unique_ptr<ByteSink> FolderRepository::create(const std::string& name) {
  require_valid_name(name);
  return std::make_unique<FolderSink>(path_, name);
}

std::unique_ptr<ByteSource> FolderRepository::open(const std::string& name) {
  require_valid_name(name);
  const Place place(name);
  const Folders folders = open_folders(path_, place);
  struct stat state {};
  FileDescriptor file;
  // What isn't ours may be a pipe, which must not make us wait.
  if (!folders.empty()) file = open_below(folders.back(), place.file, O_RDONLY | O_NONBLOCK);
  if (!folders.empty() && !file.valid() && !is_missing(errno)) {
    throw system_error(errno, (path_ / name).string());
  }
  if (!file.valid() || ::fstat(file.get(), &state) != 0 || !S_ISREG(state.st_mode)) {
    throw Error(ErrorCode::input_missing, (path_ / name).string() + ": no such object");
  }
  return std::make_unique<FileSource>(std::move(file), path_ / name);
}

std::vector<Object> FolderRepository::list(const std::string& prefix) {
  require_valid_prefix(prefix);
  Walk walk(path_);
  const Place place(prefix);
  const Folders folders = open_folders(path_, place);
  const std::string folder = prefix.substr(0, prefix.size() - place.file.size());
  if (!folders.empty()) walk.enter(folders.back(), folder, place.file);
  return walk.sorted();
}

void FolderRepository::remove(const std::string& name) {
  require_valid_name(name);
  const Place place(name);
  Folders folders = open_folders(path_, place);
  if (folders.empty()) return;
  if (::unlinkat(folders.back().get(), place.file.c_str(), 0) != 0) {
    if (is_missing(errno) || errno == EISDIR) return;
    throw write_error(errno, (path_ / name).string());
  }
  remove_empty(folders, place);
  sync_descriptor(folders.back().get(), (path_ / name).string());
}

void FolderRepository::remove_leftovers(std::chrono::system_clock::time_point before) {
  std::vector<fs::path> leftovers;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(path_, error)) {
    if (is_temporary(entry.path()) && is_untouched_since(entry.path(), before)) {
      leftovers.push_back(entry.path());
    }
  }
  for (const fs::path& file : leftovers) {
    fs::remove(file);
    std::error_code not_empty;
    if (file.parent_path() != path_) fs::remove(file.parent_path(), not_empty);
  }
}

}  // namespace prism::repository
