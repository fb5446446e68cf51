#include <algorithm>

#include <prism/base/error.hpp>
#include <prism/base/sha256.hpp>
#include <prism/blocks/binary.hpp>
#include <prism/blocks/block_map.hpp>
#include <prism/blocks/pack_index.hpp>

namespace prism::blocks {
namespace {

constexpr std::string_view kMagic = "PRISMPX1";
constexpr std::size_t kHashBytes = 32, kIdBytes = 8, kFrameBytes = 5, kBlockEntry = 26;
constexpr const char* kWhat = "index of a pack";

std::string_view view_of(const BlockHash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

void read_frames(BinaryReader& in, PackIndex& index) {
  const std::uint64_t count = in.number(4);
  if (count > in.left() / kFrameBytes) in.fail("it ends too early");
  index.frames.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto stored = static_cast<std::uint32_t>(in.number(4));
    const auto blocks = static_cast<std::uint32_t>(in.number(1));
    if (blocks == 0 || blocks > kFrameBlocks) in.fail("a frame has no such number of blocks");
    index.frames.push_back({stored, blocks});
  }
}

void read_blocks(BinaryReader& in, PackIndex& index) {
  const std::uint64_t count = in.number(4);
  if (count > in.left() / kBlockEntry) in.fail("it ends too early");
  index.lengths.reserve(count);
  index.hashes.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t length = in.number(2);
    if (length == 0 || length > kBlockBytes) in.fail("a block has no such length");
    index.lengths.push_back(static_cast<std::uint16_t>(length));
    BlockHash hash{};
    const std::string_view bytes = in.take(hash.size());
    std::copy(bytes.begin(), bytes.end(), hash.begin());
    index.hashes.push_back(hash);
  }
}

}  // namespace

std::string to_bytes(const PackIndex& index) {
  std::string out(kMagic);
  out.reserve(128 + index.frames.size() * kFrameBytes + index.hashes.size() * kBlockEntry);
  append_hex(out, index.key_id);
  append_number(out, index.encrypted ? 1 : 0, 1);
  append_hex(out, index.sha256);
  append_number(out, index.stored_bytes, 8);
  append_number(out, index.frames.size(), 4);
  for (const PackFrame& frame : index.frames) {
    append_number(out, frame.stored_bytes, 4);
    append_number(out, frame.blocks, 1);
  }
  append_number(out, index.hashes.size(), 4);
  for (std::size_t i = 0; i < index.hashes.size(); ++i) {
    append_number(out, index.lengths[i], 2);
    out += view_of(index.hashes[i]);
  }
  append_hex(out, sha256_hex(out));
  return out;
}

PackIndex parse_pack_index(std::string_view bytes) {
  BinaryReader in(bytes, kWhat);
  if (bytes.size() < kMagic.size() + kHashBytes || in.take(kMagic.size()) != kMagic) {
    in.fail("it is none");
  }
  const std::string_view content = bytes.substr(0, bytes.size() - kHashBytes);
  if (sha256_hex(content) != hex_of(bytes.substr(content.size()))) {
    in.fail("it is not what its own SHA-256 is of");
  }
  in = BinaryReader(content.substr(kMagic.size()), kWhat);
  PackIndex index;
  index.key_id = hex_of(in.take(kIdBytes));
  index.encrypted = in.number(1) != 0;
  index.sha256 = hex_of(in.take(kHashBytes));
  index.stored_bytes = in.number(8);
  read_frames(in, index);
  read_blocks(in, index);
  std::uint64_t blocks = 0;
  for (const PackFrame& frame : index.frames) blocks += frame.blocks;
  if (in.left() > 0 || blocks != index.hashes.size()) in.fail("its frames have other blocks");
  return index;
}

std::string pack_object(const std::string& id, bool encrypted) {
  return kPacks + id + (encrypted ? std::string(kEncryptedPack) : "");
}

std::string index_object(const std::string& id) { return kIndexes + id; }

}  // namespace prism::blocks
