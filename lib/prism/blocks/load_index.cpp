#include <array>
#include <map>

#include <prism/base/error.hpp>
#include <prism/base/sha256.hpp>
#include <prism/blocks/load_index.hpp>

namespace prism::blocks {
namespace {

using repository::Repository;

/// An index of 64 MiB of blocks of one byte each would be as large.
constexpr std::size_t kIndexLimit = std::size_t{256} << 20U;

std::string read_object(Repository& repository, const std::string& name) {
  std::string bytes;
  std::array<char, 64 * 1024> block{};
  const auto source = repository.open(name);
  while (const std::size_t size = source->read(block)) {
    bytes.append(block.data(), size);
    if (bytes.size() > kIndexLimit) throw Error(ErrorCode::bad_data, name + ": too large");
  }
  return bytes;
}

[[noreturn]] void damaged(const Repository& repository, const std::string& name,
                          const std::string& why) {
  throw Error(ErrorCode::bad_data, repository.location() + "/" + name + ": damaged: " + why);
}

std::string checked_object(Repository& repository, const std::string& name,
                           const std::string& sha256) {
  try {
    std::string bytes = read_object(repository, name);
    if (!sha256.empty() && sha256_hex(bytes) != sha256) {
      damaged(repository, name, "its SHA-256 is another than that of the backup");
    }
    return bytes;
  } catch (const Error& e) {
    if (e.code() != ErrorCode::input_missing) throw;
    damaged(repository, name, "it is not there");
  }
}

}  // namespace

PackIndex load_index(Repository& repository, const std::string& id, const std::string& sha256) {
  const std::string name = index_object(id);
  const std::string bytes = checked_object(repository, name, sha256);
  try {
    return parse_pack_index(bytes);
  } catch (const Error& e) {
    damaged(repository, name, e.what());
  }
}

void load_indexes(Repository& repository, const std::string& key_id, bool encrypted,
                  const Cancel& cancel,
                  const std::function<void(const PackRecord&, const PackIndex&)>& take) {
  std::map<std::string, std::uint64_t> packs;
  for (const auto& object : repository.list(kPacks)) packs[object.name] = object.size;
  for (const auto& object : repository.list(kIndexes)) {
    cancel.check();
    const std::string id = object.name.substr(std::string_view(kIndexes).size());
    const auto pack = packs.find(pack_object(id, encrypted));
    if (pack == packs.end()) continue;
    try {
      const std::string bytes = checked_object(repository, object.name, {});
      const PackIndex index = parse_pack_index(bytes);
      if (index.key_id != key_id || index.stored_bytes != pack->second) continue;
      take({id, index.stored_bytes, index.sha256, sha256_hex(bytes)}, index);
    } catch (const Error& e) {
      if (e.code() != ErrorCode::bad_data) throw;
    }
  }
}

}  // namespace prism::blocks
