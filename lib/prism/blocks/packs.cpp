#include <map>

#include <prism/blocks/pack_index.hpp>
#include <prism/blocks/packs.hpp>

namespace prism::blocks {
namespace {

using repository::Object;
using repository::Repository;

/// What there is of a pack; the index is the first to go.
struct Parts {
  std::vector<Object> index, pack;
};

std::map<std::string, Parts> parts_of(Repository& repository) {
  std::map<std::string, Parts> parts;
  for (const Object& object : repository.list(kIndexes)) {
    const std::string id = object.name.substr(std::string_view(kIndexes).size());
    if (is_pack_id(id)) parts[id].index.push_back(object);
  }
  for (const Object& object : repository.list(kPacks)) {
    if (const auto pack = parse_pack_name(object.name)) parts[pack->id].pack.push_back(object);
  }
  return parts;
}

std::uint64_t remove(Repository& repository, const std::vector<Object>& objects, bool dry_run) {
  std::uint64_t bytes = 0;
  for (const Object& object : objects) {
    if (!dry_run) repository.remove(object.name);
    bytes += object.size;
  }
  return bytes;
}

}  // namespace

Swept remove_unneeded_packs(Repository& repository, const std::set<std::string>& needed,
                            bool dry_run, const Cancel& cancel) {
  Swept swept;
  for (const auto& [id, parts] : parts_of(repository)) {
    if (needed.contains(id)) continue;
    cancel.check();
    swept.bytes += remove(repository, parts.index, dry_run);
    swept.bytes += remove(repository, parts.pack, dry_run);
    ++swept.packs;
  }
  return swept;
}

}  // namespace prism::blocks
