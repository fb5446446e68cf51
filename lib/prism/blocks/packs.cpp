#include <prism/blocks/pack_index.hpp>
#include <prism/blocks/packs.hpp>

namespace prism::blocks {
namespace {

std::string id_of(const std::string& object, std::string_view folder) {
  std::string id = object.substr(folder.size());
  if (id.ends_with(kEncryptedPack)) id.resize(id.size() - kEncryptedPack.size());
  return id;
}

}  // namespace

Swept remove_unneeded_packs(repository::Repository& repository, const std::set<std::string>& needed,
                            bool dry_run, const Cancel& cancel) {
  Swept swept;
  for (const char* const folder : {kIndexes, kPacks}) {
    for (const auto& object : repository.list(folder)) {
      cancel.check();
      if (needed.contains(id_of(object.name, folder))) continue;
      if (!dry_run) repository.remove(object.name);
      swept.bytes += object.size;
      if (folder == kPacks) ++swept.packs;
    }
  }
  return swept;
}

}  // namespace prism::blocks
