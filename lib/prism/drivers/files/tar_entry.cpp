#include <limits>

#include <archive_entry.h>
#include <sys/stat.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/files/tar_entry.hpp>

namespace prism::files {
namespace {

std::string text_of(const char* text) { return text == nullptr ? std::string() : text; }

/// Without parts that mean nothing.
std::string clean_name(std::string_view name) {
  if (name.starts_with('/')) {
    throw Error(ErrorCode::bad_data,
                "tar: the name " + in_quotes(name) + " is absolute and would lead out of the root");
  }
  std::string clean;
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    begin = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      throw Error(ErrorCode::bad_data, "tar: the name " + in_quotes(name) + " leads up with ..");
    }
    if (part == kTemporaryName) {
      throw Error(ErrorCode::bad_data,
                  "tar: the name " + in_quotes(name) + " is one that only a restore makes");
    }
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  return clean;
}

std::optional<TarEntry::Kind> kind_of(archive_entry* found) {
  if (archive_entry_hardlink(found) != nullptr) return TarEntry::Kind::hard_link;
  switch (archive_entry_filetype(found)) {
    case AE_IFREG:
      return TarEntry::Kind::file;
    case AE_IFDIR:
      return TarEntry::Kind::folder;
    case AE_IFLNK:
      return TarEntry::Kind::symbolic_link;
    default:
      return std::nullopt;
  }
}

std::uint32_t number_of(la_int64_t id, const std::string& name) {
  // The largest one says `as it is` to chown.
  if (id >= 0 && id < std::numeric_limits<std::uint32_t>::max()) {
    return static_cast<std::uint32_t>(id);
  }
  throw Error(ErrorCode::bad_data, "tar: " + in_quotes(name) + " has the owner " +
                                       std::to_string(id) + ", which no user or group is");
}

std::optional<timespec> time_of(archive_entry* found) {
  if (archive_entry_mtime_is_set(found) == 0) return std::nullopt;
  timespec time{};
  time.tv_sec = archive_entry_mtime(found);
  time.tv_nsec = archive_entry_mtime_nsec(found);
  if (time.tv_nsec < 0 || time.tv_nsec >= 1'000'000'000) time.tv_nsec = 0;
  return time;
}

std::string target_of(archive_entry* found, TarEntry::Kind kind) {
  switch (kind) {
    case TarEntry::Kind::hard_link:
      return clean_name(text_of(archive_entry_hardlink(found)));
    case TarEntry::Kind::symbolic_link:
      return text_of(archive_entry_symlink(found));
    case TarEntry::Kind::file:
    case TarEntry::Kind::folder:
      break;
  }
  return {};
}

void check_names(const TarEntry& entry, const std::string& name) {
  const bool is_link =
      entry.kind == TarEntry::Kind::hard_link || entry.kind == TarEntry::Kind::symbolic_link;
  if (entry.name.empty() && entry.kind != TarEntry::Kind::folder) {
    throw Error(ErrorCode::bad_data, "tar: the name " + in_quotes(name) + " names nothing");
  }
  if (is_link && entry.target.empty()) {
    throw Error(ErrorCode::bad_data, "tar: the link " + in_quotes(name) + " leads nowhere");
  }
}

}  // namespace

TarEntry entry_of(archive_entry* found) {
  const std::string name = text_of(archive_entry_pathname(found));
  const auto kind = kind_of(found);
  if (!kind) {
    throw Error(ErrorCode::bad_data,
                "tar: " + in_quotes(name) + " is neither a file nor a folder nor a link");
  }
  TarEntry entry;
  entry.kind = *kind;
  entry.name = clean_name(name);
  entry.target = target_of(found, *kind);
  if (*kind == TarEntry::Kind::file) {
    entry.size = static_cast<std::uint64_t>(archive_entry_size(found));
  }
  entry.mode = archive_entry_perm(found) & 07777;
  entry.user = number_of(archive_entry_uid(found), name);
  entry.group = number_of(archive_entry_gid(found), name);
  entry.user_name = text_of(archive_entry_uname(found));
  entry.group_name = text_of(archive_entry_gname(found));
  entry.modified = time_of(found);
  check_names(entry, name);
  return entry;
}

}  // namespace prism::files
