#include <algorithm>
#include <array>
#include <map>
#include <random>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <prism/backup/catalog.hpp>
#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>

namespace prism::backup {
namespace {

using repository::Object;
using repository::Repository;
using Clock = std::chrono::system_clock;

/// A manifest of 10,000 targets has 10 MB.
constexpr std::size_t kManifestLimit = std::size_t{64} << 20;

std::string read_all(ByteSource& source, const std::string& where) {
  std::string content;
  std::array<char, 64 * 1024> block{};
  while (const std::size_t size = source.read(block)) {
    content.append(block.data(), size);
    if (content.size() <= kManifestLimit) continue;
    throw Error(ErrorCode::bad_data, where + ": too large for a manifest");
  }
  return content;
}

void read_manifest(Repository& repository, Backup& backup) {
  const std::string name = object_name(backup.id, kManifest);
  const std::string where = repository.location() + "/" + name;
  try {
    backup.manifest = parse_manifest(read_all(*repository.open(name), where), where);
    if (backup.manifest->id != backup.id) {
      throw Error(ErrorCode::bad_data, where + ": it is of the backup " + backup.manifest->id);
    }
    backup.state = backup.manifest->is_complete() ? State::complete : State::incomplete;
  } catch (const Error& e) {
    if (e.code() == ErrorCode::input_missing) return;  // removed meanwhile
    if (e.code() != ErrorCode::bad_data) throw;
    backup.manifest.reset();
    backup.state = State::damaged;
    backup.trouble = e.what();
  }
}

/// By id; what has none is somebody else's.
std::map<std::string, std::vector<Object>> objects_by_id(Repository& repository) {
  std::map<std::string, std::vector<Object>> all;
  for (Object& object : repository.list("")) {
    const std::string id = object.name.substr(0, object.name.find('/'));
    if (time_of_id(id)) all[id].push_back(std::move(object));
  }
  return all;
}

Backup backup_of(Repository& repository, const std::string& id,
                 const std::vector<Object>& objects) {
  Backup backup;
  backup.id = id;
  backup.time = *time_of_id(id);
  bool has_manifest = false;
  for (const Object& object : objects) {
    backup.stored_bytes += object.size;
    has_manifest = has_manifest || object.name == object_name(id, kManifest);
    backup.pinned = backup.pinned || object.name == object_name(id, kPin);
  }
  if (has_manifest) read_manifest(repository, backup);
  return backup;
}

[[noreturn]] void fail_without(const Repository& repository, const std::string& id) {
  const std::string what = id == "latest" ? "no complete backup" : "no backup " + in_quotes(id);
  throw Error(ErrorCode::input_missing, repository.location() + ": there is " + what,
              "prismctl backup list shows which there are");
}

}  // namespace

std::string_view state_name(State state) {
  constexpr std::array<std::string_view, 4> kNames{"complete", "incomplete", "partial", "damaged"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string make_id(Clock::time_point time) {
  std::random_device random;
  return fmt::format("{:%Y%m%dT%H%M%SZ}-{:04x}", fmt::gmtime(Clock::to_time_t(time)),
                     random() & 0xFFFFU);
}

std::optional<Clock::time_point> time_of_id(std::string_view id) {
  constexpr std::size_t kTime = 16, kSize = 21;
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (id.size() != kSize || id[kTime] != '-') return {};
  if (!std::all_of(id.begin() + kTime + 1, id.end(), is_digit)) return {};
  return parse_utc(fmt::format("{}-{}-{}T{}:{}:{}Z", id.substr(0, 4), id.substr(4, 2),
                               id.substr(6, 2), id.substr(9, 2), id.substr(11, 2),
                               id.substr(13, 2)));
}

std::string object_name(const std::string& id, const std::string& object) {
  return id + "/" + object;
}

std::vector<Backup> list_backups(Repository& repository) {
  std::vector<Backup> backups;
  for (const auto& [id, objects] : objects_by_id(repository)) {
    backups.push_back(backup_of(repository, id, objects));
  }
  return backups;
}

Backup find_backup(Repository& repository, const std::string& id) {
  std::vector<Backup> found = list_backups(repository);
  std::erase_if(found, [&](const Backup& backup) {
    if (id != "latest") return !backup.id.starts_with(id);
    return backup.state != State::complete || backup.is_safety_copy();
  });
  if (id.empty() || found.empty()) fail_without(repository, id);
  if (id == "latest" || found.size() == 1) return found.back();
  throw Error(ErrorCode::usage, fmt::format("{} is not enough of an id: {} and {} begin so",
                                            in_quotes(id), found[0].id, found[1].id));
}

void pin(Repository& repository, const std::string& id) {
  const Backup backup = find_backup(repository, id);
  if (!backup.pinned) repository.create(object_name(backup.id, kPin))->finish();
}

void unpin(Repository& repository, const std::string& id) {
  repository.remove(object_name(find_backup(repository, id).id, kPin));
}

void remove_backup(Repository& repository, const std::string& id) {
  repository.remove(object_name(id, kManifest));
  for (const Object& object : repository.list(id + "/")) repository.remove(object.name);
}

}  // namespace prism::backup
