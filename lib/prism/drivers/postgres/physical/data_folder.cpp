#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/base/descriptor.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/blocks/block_map.hpp>
#include <prism/drivers/postgres/physical/data_folder.hpp>

namespace prism::postgres {
namespace {

namespace fs = std::filesystem;
using blocks::kBlockBytes;

constexpr const char* kMark = ".prismctl-restore";
constexpr const char* kMarkOnItsWay = ".prismctl-restore.tmp";  ///< of write_file_atomically
constexpr const char* kControl = "global/pg_control";
constexpr std::size_t kMostOpen = 64;
constexpr fs::perms kOwnerOnly = fs::perms::owner_all;

/// What would tell a server to be another kind of server than the one that is wanted, or is of a
/// server that runs.
bool is_left_out(const std::string& path) {
  for (const char* const one : {"standby.signal", "recovery.signal", "tablespace_map",
                                "postmaster.pid", "postmaster.opts", kMark}) {
    if (path == one) return true;
  }
  return false;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

FileDescriptor open_file(const fs::path& path, int flags) {
  FileDescriptor fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) throw write_error(errno, path.string());
  return fd;
}

void write_at(int fd, std::string_view bytes, std::uint64_t offset, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) throw write_error(errno, name);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
    offset += static_cast<std::uint64_t>(wrote);
  }
}

/// All that was written below there, on whatever file system.
void sync_file_system(const fs::path& folder) {
  const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::syncfs(fd.get()) != 0) throw write_error(errno, folder.string());
}

/// Whom a server's folder belongs to when root makes it: whoever has it, or the user that Debian's
/// servers run as.
std::optional<std::pair<uid_t, gid_t>> owner_for(const fs::path& folder) {
  struct stat state {};
  if (::geteuid() != 0) return {};
  if (::stat(folder.c_str(), &state) == 0 && state.st_uid != 0) {
    return std::pair(state.st_uid, state.st_gid);
  }
  const passwd* const postgres = ::getpwnam("postgres");
  if (postgres == nullptr) return {};
  return std::pair(postgres->pw_uid, postgres->pw_gid);
}

void give(const fs::path& path, std::pair<uid_t, gid_t> owner) {
  if (::lchown(path.c_str(), owner.first, owner.second) != 0) {
    throw write_error(errno, path.string());
  }
}

/// As it is named with and without a slash behind it.
fs::path without_slash(const fs::path& folder) {
  if (folder.empty()) return folder;
  const fs::path plain = fs::absolute(folder).lexically_normal();
  return plain.has_filename() ? plain : plain.parent_path();
}

bool is_below(const fs::path& path, const fs::path& folder) {
  const auto [at, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return at == folder.end();
}

void give_all(const fs::path& folder, std::pair<uid_t, gid_t> owner) {
  give(folder, owner);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) give(entry.path(), owner);
}

}  // namespace

DataFolder::DataFolder(fs::path folder, fs::path tablespaces, const std::vector<StoredFile>& files)
    : folder_(without_slash(folder)),
      tablespaces_(tablespaces.empty() ? fs::path(folder_.string() + ".tablespaces")
                                       : without_slash(tablespaces)),
      gives_tablespaces_(tablespaces.empty() || !is_there(tablespaces_)),
      files_(files) {
  for (const StoredFile& file : files_) {
    if (file.entry.kind == EntryKind::link || is_left_out(file.entry.path)) continue;
    by_path_[file.entry.path] = &file;
    if (file.block_count() > 0) with_blocks_.push_back(&file);
  }
}

bool DataFolder::holds_something() const {
  std::error_code error;
  const fs::directory_iterator entries(folder_, error);
  // A restore that was killed as it began has left its mark, not yet in place.
  const auto is_something = [](const fs::directory_entry& entry) {
    return entry.path().filename() != kMarkOnItsWay;
  };
  return !error && std::any_of(begin(entries), end(entries), is_something);
}

bool DataFolder::is_unfinished() const { return is_there(path_of(kMark)); }

fs::path DataFolder::place_of(const Tablespace& tablespace) const {
  require_inside(tablespace.oid);
  return tablespaces_ / tablespace.oid;
}

bool DataFolder::links_to(const fs::path& place) const {
  std::error_code ignored;
  const fs::path link = path_of("pg_tblspc") / place.filename();
  return fs::read_symlink(link, ignored).lexically_normal() == place;
}

void DataFolder::require_free(const Tablespace& tablespace) const {
  const fs::path place = place_of(tablespace);
  if (is_below(place, folder_)) {
    throw Error(ErrorCode::usage, place.string() + ": a tablespace can't lie in the data folder",
                "--tablespaces takes a folder beside it");
  }
  std::error_code ignored;
  if (!is_there(place) || fs::is_empty(place, ignored) || links_to(place)) return;
  throw Error(ErrorCode::refused,
              place.string() + ": it holds something, and is no tablespace of " + folder_.string(),
              "remove it if it may go, or name another place with --tablespaces");
}

void DataFolder::require_free(const std::vector<Tablespace>& tablespaces) const {
  for (const Tablespace& one : tablespaces) require_free(one);
  if (!holds_something()) return;
  if (is_there(path_of("postmaster.pid"))) {
    throw Error(ErrorCode::refused,
                folder_.string() + ": a server runs on it, by its postmaster.pid",
                "stop the server; where none runs, remove that file");
  }
  if (is_there(path_of("PG_VERSION")) || is_there(path_of(kMark))) return;
  throw Error(ErrorCode::refused, folder_.string() + ": it holds something, and no PostgreSQL",
              "--into takes a folder that is empty or not there, or that of a stopped server");
}

std::uint64_t DataFolder::needed_bytes() const {
  std::uint64_t bytes = 0;
  for (const StoredFile* const file : with_blocks_) bytes += file->entry.size;
  return bytes;
}

// ---- what is there before the first block -------------------------------------------------------

void DataFolder::make_folder(const fs::path& folder, std::uint32_t mode) const {
  if (fs::is_symlink(folder)) fs::remove(folder);
  fs::create_directories(folder);
  if (::chmod(folder.c_str(), mode & 0777U) != 0) throw write_error(errno, folder.string());
}

void DataFolder::link_tablespaces(const std::vector<Tablespace>& tablespaces) {
  for (const Tablespace& one : tablespaces) {
    linked_.insert("pg_tblspc/" + one.oid);
    const fs::path place = place_of(one), link = path_of("pg_tblspc") / one.oid;
    fs::create_directories(place);
    fs::permissions(place, kOwnerOnly);
    places_.push_back(place);
    if (links_to(place)) continue;
    fs::create_directories(link.parent_path());
    fs::remove_all(link);
    fs::create_directory_symlink(place, link);
  }
}

/// With the files of a tablespace that the copy does not have.
void DataFolder::remove_other(const fs::path& path) const {
  const fs::path place = tablespaces_ / path.filename();
  if (path.parent_path() == path_of("pg_tblspc") && links_to(place)) fs::remove_all(place);
  fs::remove_all(path);
}

/// What lies in the folder and is not of the copy.
void DataFolder::remove_others(const fs::path& folder, const std::string& below) const {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string path = below + entry.path().filename().string();
    if (path == kMark) continue;
    const auto known = by_path_.find(path);
    const bool is_link_of_tablespace = below == "pg_tblspc/" && linked_.contains(path);
    if (is_link_of_tablespace ||
        (known != by_path_.end() && entry.is_directory() && !entry.is_symlink())) {
      remove_others(entry.path(), path + "/");
    } else if (known == by_path_.end() || entry.is_symlink()) {
      remove_other(entry.path());
    }
  }
}

void DataFolder::make_file(const StoredFile& file, bool keep) const {
  const fs::path path = path_of(file.entry.path);
  std::error_code ignored;
  if (fs::is_directory(fs::symlink_status(path, ignored))) fs::remove_all(path);
  const FileDescriptor fd = open_file(path, O_WRONLY | O_CREAT | (keep ? 0 : O_TRUNC));
  if (::ftruncate(fd.get(), static_cast<off_t>(file.entry.size)) != 0 ||
      ::fchmod(fd.get(), file.entry.mode & 0777U) != 0) {
    throw write_error(errno, path.string());
  }
}

/// A server takes no folder that others may write to or read.
void DataFolder::make_root() const {
  constexpr fs::perms kTooMuch = fs::perms::group_write | fs::perms::others_all;
  const bool is_new = fs::create_directories(folder_);
  const bool is_open = (fs::status(folder_).permissions() & kTooMuch) != fs::perms::none;
  if (is_new || is_open) fs::permissions(folder_, kOwnerOnly);
}

void DataFolder::prepare(const std::vector<Tablespace>& tablespaces, bool keep) {
  try {
    make_root();
    write_file_atomically(path_of(kMark), "a restore by prismctl is not finished here\n");
    // It is not to come back after a loss of power, with files that are no longer its own.
    if (fs::remove(path_of(kControl))) sync_path(path_of(kControl).parent_path());
    link_tablespaces(tablespaces);
    remove_others(folder_, "");
    for (const auto& [path, file] : by_path_) {
      if (file->entry.kind == EntryKind::folder) make_folder(path_of(path), file->entry.mode);
    }
    for (const auto& [path, file] : by_path_) {
      if (file->entry.kind == EntryKind::file && path != kControl) make_file(*file, keep);
    }
  } catch (const fs::filesystem_error& e) {
    throw write_error(e.code().value(), e.path1().string());
  }
}

// ---- blocks -------------------------------------------------------------------------------------

std::vector<blocks::BlockRange> DataFolder::wanted() const {
  std::vector<blocks::BlockRange> ranges;
  for (const StoredFile* const file : with_blocks_) {
    const std::uint64_t count = file->block_count();
    if (!ranges.empty() && ranges.back().first + ranges.back().count == file->first) {
      ranges.back().count += count;
    } else {
      ranges.push_back({file->first, count});
    }
  }
  return ranges;
}

DataFolder::Place DataFolder::place_of(std::uint64_t number) const {
  const auto behind = std::upper_bound(
      with_blocks_.begin(), with_blocks_.end(), number,
      [](std::uint64_t wanted, const StoredFile* file) { return wanted < file->first; });
  const StoredFile* const file = *std::prev(behind);
  return {file, (number - file->first) * kBlockBytes};
}

std::shared_ptr<FileDescriptor> DataFolder::open(const StoredFile& file) {
  const std::lock_guard lock(mutex_);
  auto& found = open_[&file];
  if (found) return found;
  auto opened = std::make_shared<FileDescriptor>(open_file(path_of(file.entry.path), O_RDWR));
  if (open_.size() > kMostOpen) open_.clear();
  open_[&file] = opened;
  return opened;
}

void DataFolder::write(std::uint64_t number, std::string_view block) {
  const Place place = place_of(number);
  const std::string& path = place.file->entry.path;
  const std::uint64_t left = place.file->entry.size - place.offset;
  if (block.size() != std::min<std::uint64_t>(left, kBlockBytes)) {
    throw Error(ErrorCode::bad_data, "a block of " + in_quotes(path) + " has another length");
  }
  if (path == kControl) {
    control_ += block;
    return;
  }
  write_at(open(*place.file)->get(), block, place.offset, path);
}

std::string_view DataFolder::read(std::uint64_t number, std::span<char> block) {
  const Place place = place_of(number);
  if (place.file->entry.path == kControl) return {};
  const std::uint64_t left = place.file->entry.size - place.offset;
  const ssize_t got =
      ::pread(open(*place.file)->get(), block.data(), std::min<std::uint64_t>(left, block.size()),
              static_cast<off_t>(place.offset));
  if (got < 0) throw system_error(errno, place.file->entry.path);
  return {block.data(), static_cast<std::size_t>(got)};
}

// ---- the end ------------------------------------------------------------------------------------

void DataFolder::put(const std::string& path, const std::string& content) {
  const FileDescriptor fd = open_file(path_of(path), O_WRONLY | O_CREAT | O_TRUNC);
  write_all(fd.get(), content, path);
}

void DataFolder::put(const std::string& path, ByteSource& content) {
  const FileDescriptor fd = open_file(path_of(path), O_WRONLY | O_CREAT | O_TRUNC);
  std::vector<char> block(std::size_t{64} << 10);
  while (const std::size_t size = content.read(block)) {
    write_all(fd.get(), {block.data(), size}, path);
  }
}

std::string DataFolder::content(const std::string& path) const {
  constexpr std::size_t kLimit = std::size_t{16} << 20;
  return is_there(path_of(path)) ? read_file(path_of(path), kLimit) : std::string();
}

void DataFolder::give_to_owner() const {
  const auto owner = owner_for(folder_);
  if (!owner) return;
  give_all(folder_, *owner);
  if (gives_tablespaces_ && is_there(tablespaces_)) give(tablespaces_, *owner);
  for (const fs::path& place : places_) give_all(place, *owner);
}

void DataFolder::finish() {
  open_.clear();
  if (control_.empty()) throw Error(ErrorCode::bad_data, "the copy has no global/pg_control");
  give_to_owner();
  sync_file_system(folder_);
  for (const fs::path& place : places_) sync_file_system(place);
  write_file_atomically(path_of(kControl), control_);
  const auto control = by_path_.find(kControl);
  fs::permissions(path_of(kControl), fs::perms(control->second->entry.mode & 0777U));
  if (const auto owner = owner_for(folder_)) give(path_of(kControl), *owner);
  fs::remove(path_of(kMark));
  sync_path(folder_);
  if (folder_.has_parent_path()) sync_path(folder_.parent_path());
}

}  // namespace prism::postgres
