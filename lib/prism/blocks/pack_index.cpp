#include <algorithm>
#include <cstring>

#include <zstd.h>

#include <prism/base/error.hpp>
#include <prism/base/hex.hpp>
#include <prism/base/random.hpp>
#include <prism/base/read_all.hpp>
#include <prism/base/sha256.hpp>
#include <prism/blocks/binary.hpp>
#include <prism/blocks/pack_index.hpp>

namespace prism::blocks {
namespace {

constexpr std::string_view kMagic = "PRISMPI1";
constexpr std::size_t kIdBytes = 16, kKeyBytes = 8, kHashBytes = 32;
constexpr std::size_t kFrameEntry = 6, kBlockEntry = 2 + sizeof(BlockHash);
constexpr std::size_t kMostBytes = 256 + kPackBlocks * (kFrameEntry + kBlockEntry);
constexpr const char* kWhat = "index of a pack";

std::string_view bytes_of(const std::vector<BlockHash>& hashes) {
  return {reinterpret_cast<const char*>(hashes.data()), hashes.size() * sizeof(BlockHash)};
}

/// What is left when the hash at the end is taken off, which must be that of the rest.
std::string_view checked_content(std::string_view bytes) {
  BinaryReader whole(bytes, kWhat);
  if (bytes.size() < kMagic.size() + kHashBytes || !bytes.starts_with(kMagic)) {
    whole.fail("it is none");
  }
  const std::string_view content = whole.take(bytes.size() - kHashBytes);
  if (sha256_hex(content) != hexadecimal(whole.take(kHashBytes))) whole.fail("it is damaged");
  return content.substr(kMagic.size());
}

void read_head(BinaryReader& in, PackIndex& index) {
  index.pack = hexadecimal(in.take(kIdBytes));
  const std::uint64_t encrypted = in.number(1);
  if (encrypted > 1) in.fail("it is neither encrypted nor not");
  index.encrypted = encrypted == 1;
  index.key_id = hexadecimal(in.take(kKeyBytes));
  index.stored_bytes = in.number(8);
  index.sha256 = hexadecimal(in.take(kHashBytes));
}

FrameRecord read_frame(BinaryReader& in) {
  FrameRecord frame;
  frame.stored_bytes = static_cast<std::uint32_t>(in.number(4));
  frame.blocks = static_cast<std::uint16_t>(in.number(2));
  if (frame.blocks == 0 || frame.blocks > kFrameBlocks || frame.stored_bytes == 0 ||
      frame.stored_bytes > ZSTD_COMPRESSBOUND(kFrameBlocks * kBlockBytes)) {
    in.fail("a frame has another size than frames have");
  }
  return frame;
}

std::uint16_t read_length(BinaryReader& in) {
  const std::uint64_t length = in.number(2);
  if (length == 0 || length > kBlockBytes) in.fail("a block has another size than blocks have");
  return static_cast<std::uint16_t>(length);
}

void require_sums(const BinaryReader& in, const PackIndex& index) {
  std::uint64_t blocks = 0, bytes = 0;
  for (const FrameRecord& frame : index.frames) {
    blocks += frame.blocks;
    bytes += frame.stored_bytes;
  }
  if (blocks != index.lengths.size()) in.fail("its frames hold another number of blocks");
  const bool fits = index.encrypted ? bytes < index.stored_bytes : bytes == index.stored_bytes;
  if (!fits) in.fail("its frames have another size than the pack");
}

PackIndex parsed(const std::string& bytes, const std::string& id, std::string& sha256) {
  const std::string found = sha256_hex(bytes);
  if (sha256.empty()) sha256 = found;
  if (sha256 != found) {
    throw Error(ErrorCode::bad_data, "another SHA-256 than was noted");
  }
  PackIndex index = read_pack_index(bytes);
  if (index.pack != id) throw Error(ErrorCode::bad_data, "the index of another pack");
  return index;
}

}  // namespace

bool is_pack_id(std::string_view id) {
  return id.size() == 2 * kIdBytes &&
         id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string new_pack_id() {
  std::string id = random_uuid();
  std::erase(id, '-');
  return id;
}

std::string pack_name(const std::string& id, bool encrypted) {
  return kPacks + id + std::string(encrypted ? kEncrypted : "");
}

std::optional<PackName> parse_pack_name(std::string_view name) {
  if (!name.starts_with(kPacks)) return {};
  name.remove_prefix(std::string_view(kPacks).size());
  const bool encrypted = name.ends_with(kEncrypted);
  if (encrypted) name.remove_suffix(kEncrypted.size());
  if (!is_pack_id(name)) return {};
  return PackName{std::string(name), encrypted};
}

std::string index_name(const std::string& id) { return kIndexes + id; }

std::string write_pack_index(const PackIndex& index) {
  std::string out(kMagic);
  append_hex(out, index.pack);
  append_number(out, index.encrypted ? 1 : 0, 1);
  append_hex(out, index.key_id);
  append_number(out, index.stored_bytes, 8);
  append_hex(out, index.sha256);
  append_number(out, index.frames.size(), 4);
  append_number(out, index.lengths.size(), 4);
  for (const FrameRecord& frame : index.frames) {
    append_number(out, frame.stored_bytes, 4);
    append_number(out, frame.blocks, 2);
  }
  for (const std::uint16_t length : index.lengths) append_number(out, length, 2);
  out += bytes_of(index.hashes);
  append_hex(out, sha256_hex(out));
  return out;
}

PackIndex read_pack_index(std::string_view bytes) {
  BinaryReader in(checked_content(bytes), kWhat);
  PackIndex index;
  read_head(in, index);
  const std::uint64_t frames = in.number(4), blocks = in.number(4);
  if (frames == 0 || blocks > kPackBlocks ||
      in.left() != frames * kFrameEntry + blocks * kBlockEntry) {
    in.fail("it has another size than it says");
  }
  while (index.frames.size() < frames) index.frames.push_back(read_frame(in));
  while (index.lengths.size() < blocks) index.lengths.push_back(read_length(in));
  index.hashes.resize(blocks);
  const std::string_view hashes = in.take(blocks * sizeof(BlockHash));
  std::memcpy(index.hashes.data(), hashes.data(), hashes.size());
  require_sums(in, index);
  return index;
}

PackIndex fetch_pack_index(repository::Repository& repository, const std::string& id,
                           std::string& sha256) {
  const std::string name = index_name(id);
  try {
    return parsed(read_all(*repository.open(name), kMostBytes, "its content"), id, sha256);
  } catch (const Error& e) {
    if (e.code() == ErrorCode::input_missing) throw Error(ErrorCode::bad_data, e.what());
    if (e.code() != ErrorCode::bad_data) throw;
    throw Error(ErrorCode::bad_data, name + ": " + e.what());
  }
}

}  // namespace prism::blocks
