#include <map>
#include <set>
#include <utility>

#include <prism/backup/catalog.hpp>
#include <prism/drivers/postgres/wal/archive.hpp>
#include <prism/drivers/postgres/wal/objects.hpp>

namespace prism::postgres {

using repository::Object;
using repository::Repository;

std::string wal_prefix(const std::string& system_id) { return kWalRoot + system_id + "/"; }

std::string wal_place(const std::string& system_id, const std::string& name) {
  constexpr std::size_t kTimelineAndHigh = 16;
  const bool history = kind_of_wal_file(name) == WalFile::history;
  return wal_prefix(system_id) + (history ? "history" : name.substr(0, kTimelineAndHigh)) + "/" +
         name;
}

std::optional<std::string> wal_name_in(const Object& object) {
  std::string name = object.name.substr(object.name.rfind('/') + 1);
  for (const std::string_view end : {kWalEncrypted, kWalPlain}) {
    if (!name.ends_with(end)) continue;
    name.resize(name.size() - end.size());
    return kind_of_wal_file(name) ? std::optional(name) : std::nullopt;
  }
  return {};
}

std::vector<StoredWal> list_wal(Repository& repository, const std::string& system_id) {
  std::map<std::string, StoredWal> found;
  for (const Object& object : repository.list(wal_prefix(system_id))) {
    if (auto name = wal_name_in(object)) found[*name] = {*name, object.size, object.modified};
  }
  std::vector<StoredWal> all;
  for (auto& [name, one] : found) all.push_back(std::move(one));
  return all;
}

std::vector<std::string> list_wal_systems(Repository& repository) {
  std::set<std::string> systems;
  const std::size_t root = std::string_view(kWalRoot).size();
  for (const Object& object : repository.list(kWalRoot)) {
    if (wal_name_in(object)) {
      systems.insert(object.name.substr(root, object.name.find('/', root) - root));
    }
  }
  return {systems.begin(), systems.end()};
}

namespace {

std::optional<CopyWal> wal_of(const backup::TargetRecord& target, const std::string& system_id,
                              std::uint32_t timeline) {
  const auto& physical = target.content.physical;
  if (!target.error.empty() || !physical || physical->system != system_id) return {};
  const auto first = parse_segment_name(physical->first_segment);
  const auto last = parse_segment_name(physical->last_segment);
  if (!first || !last || first->timeline != timeline) return {};
  const std::uint64_t bytes = physical->segment_bytes;
  return CopyWal{first->number(bytes) * bytes, last->number(bytes) * bytes};
}

}  // namespace

std::optional<CopyWal> oldest_copy(Repository& repository, const std::string& system_id,
                                   std::uint32_t timeline) {
  std::optional<CopyWal> oldest;
  for (const auto& backup : backup::list_backups(repository)) {
    if (!backup.manifest) continue;
    for (const auto& target : backup.manifest->targets) {
      const auto wal = wal_of(target, system_id, timeline);
      if (wal && (!oldest || wal->first < oldest->first)) oldest = wal;
    }
  }
  return oldest;
}

RemovedWal remove_wal_before(Repository& repository, const std::string& system_id,
                             const SegmentName& first_needed, bool dry_run, const Cancel& cancel) {
  RemovedWal removed;
  std::vector<std::string> hashes;
  for (const Object& object : repository.list(wal_prefix(system_id))) {
    const std::string file = object.name.substr(object.name.rfind('/') + 1);
    const auto segment = parse_segment_name(std::string_view(file).substr(0, file.find('.')));
    if (!segment ||
        std::pair(segment->high, segment->low) >= std::pair(first_needed.high, first_needed.low)) {
      continue;
    }
    cancel.check();
    removed.bytes += object.size;
    if (file.ends_with(kWalHash)) {
      hashes.push_back(object.name);
      continue;
    }
    if (wal_name_in(object)) ++removed.files;
    if (!dry_run) repository.remove(object.name);
  }
  // Behind the contents: what has one is never without its hash.
  for (const std::string& hash : hashes) {
    if (!dry_run) repository.remove(hash);
  }
  return removed;
}

}  // namespace prism::postgres
