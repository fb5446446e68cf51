#include <algorithm>
#include <cerrno>
#include <utility>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/drivers/files/dumper.hpp>
#include <prism/drivers/files/tar_reader.hpp>

namespace prism::files {
namespace {

constexpr std::size_t kBuffer = 256 * 1024;

/// Empty when the link is gone.
std::string target_of(const Found& found) {
  std::string target(4096, '\0');
  const ssize_t size =
      ::readlinkat(found.folder, found.entry.c_str(), target.data(), target.size());
  target.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return target;
}

bool is_same(const struct stat& before, const struct stat& after) {
  return before.st_size == after.st_size && before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
         before.st_mtim.tv_nsec == after.st_mtim.tv_nsec;
}

}  // namespace

void Dumper::FreeEntry::operator()(archive_entry* entry) const { archive_entry_free(entry); }

void Dumper::FreeResolver::operator()(archive_entry_linkresolver* resolver) const {
  archive_entry_linkresolver_free(resolver);
}

Dumper::Dumper(ByteSink& sink, const RootFolder& root, const Cancel& cancel)
    : root_(root),
      cancel_(cancel),
      buffer_(kBuffer),
      hard_links_(archive_entry_linkresolver_new()),
      tar_(sink) {
  archive_entry_linkresolver_set_strategy(hard_links_.get(), ARCHIVE_FORMAT_TAR_PAX_RESTRICTED);
}

void Dumper::add(const Found& found) {
  switch (found.state.st_mode & S_IFMT) {
    case S_IFREG:
      return add_file(found);
    case S_IFDIR:
      return add_folder(found);
    case S_IFLNK:
      return add_link(found);
    default:
      ++tally_.left_out;
  }
}

Tally Dumper::finish() {
  tar_.close();
  return tally_;
}

Dumper::Entry Dumper::entry_for(const std::string& name, const struct stat& state) {
  Entry entry(archive_entry_new());
  archive_entry_copy_pathname(entry.get(), name.c_str());
  archive_entry_set_mode(entry.get(), state.st_mode);
  archive_entry_set_uid(entry.get(), state.st_uid);
  archive_entry_set_gid(entry.get(), state.st_gid);
  archive_entry_copy_uname(entry.get(), owners_.user_name(state.st_uid).c_str());
  archive_entry_copy_gname(entry.get(), owners_.group_name(state.st_gid).c_str());
  archive_entry_set_mtime(entry.get(), state.st_mtim.tv_sec, state.st_mtim.tv_nsec);
  archive_entry_set_size(entry.get(), 0);
  return entry;
}

void Dumper::add_folder(const Found& found) {
  tar_.begin(entry_for(found.name, found.state).get());
  ++tally_.folders;
}

void Dumper::add_link(const Found& found) {
  const std::string target = target_of(found);
  if (target.empty()) return;
  const Entry entry = entry_for(found.name, found.state);
  archive_entry_copy_symlink(entry.get(), target.c_str());
  tar_.begin(entry.get());
  ++tally_.links;
}

FileDescriptor Dumper::open(const Found& found) const {
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  FileDescriptor file(::openat(found.folder, found.entry.c_str(), kFlags));
  const bool is_gone = errno == ENOENT || errno == ELOOP || errno == ENXIO;
  if (!file.valid() && !is_gone) throw system_error(errno, root_.path_of(found.name));
  return file;
}

void Dumper::add_file(const Found& found) {
  if (found.entry == kTemporaryName) {
    ++tally_.left_out;
    return;
  }
  const FileDescriptor file = open(found);
  struct stat state {};
  // It may have vanished, or another thing came in its place, since its folder was read.
  if (!file.valid() || ::fstat(file.get(), &state) != 0 || !S_ISREG(state.st_mode)) return;
  add_content(entry_for(found.name, state), file.get(), state, found.name);
}

void Dumper::add_content(Entry entry, int file, const struct stat& state, const std::string& name) {
  archive_entry_set_size(entry.get(), state.st_size);
  archive_entry_set_dev(entry.get(), state.st_dev);
  archive_entry_set_ino64(entry.get(), static_cast<la_int64_t>(state.st_ino));
  archive_entry_set_nlink(entry.get(), static_cast<unsigned int>(state.st_nlink));
  archive_entry* written = entry.get();
  archive_entry* spare = nullptr;
  archive_entry_linkify(hard_links_.get(), &written, &spare);
  tar_.begin(entry.get());
  if (archive_entry_hardlink(entry.get()) != nullptr) {
    ++tally_.links;
    return;
  }
  ++tally_.files;
  tally_.bytes += static_cast<std::uint64_t>(state.st_size);
  const bool is_whole = copy(file, static_cast<std::uint64_t>(state.st_size), name);
  struct stat after {};
  if (!is_whole || ::fstat(file, &after) != 0 || !is_same(state, after)) ++tally_.changed;
}

bool Dumper::copy(int file, std::uint64_t size, const std::string& name) {
  bool is_whole = true;
  while (size > 0) {
    cancel_.check();
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, buffer_.size()));
    ssize_t got = is_whole ? ::read(file, buffer_.data(), wanted) : 0;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw system_error(errno, root_.path_of(name));
    if (got == 0) {
      is_whole = false;
      std::fill_n(buffer_.begin(), wanted, '\0');
      got = static_cast<ssize_t>(wanted);
    }
    tar_.write({buffer_.data(), static_cast<std::size_t>(got)});
    size -= static_cast<std::uint64_t>(got);
  }
  return is_whole;
}

}  // namespace prism::files
