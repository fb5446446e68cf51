#include <array>
#include <limits>

#include <prism/base/error.hpp>
#include <prism/base/hex.hpp>
#include <prism/blocks/binary.hpp>
#include <prism/blocks/block_map.hpp>

namespace prism::blocks {
namespace {

// `PRISMBM1`, the number of packs, and of each: its id, what is stored of it, the SHA-256 of that
// and of its index; then the number of extents, and of each: how far its pack's place lies behind
// that of the one before (zigzag), how far its first block lies behind the end of that one
// (zigzag), and its count. Numbers are varints, hashes 32 bytes, ids 16.
constexpr std::string_view kMagic = "PRISMBM1";
constexpr std::size_t kIdBytes = 16, kHashBytes = 32;
constexpr const char* kWhat = "block map";

std::uint64_t zigzag(std::int64_t number) {
  return static_cast<std::uint64_t>(number) << 1U ^ static_cast<std::uint64_t>(number >> 63);
}

std::int64_t unzigzag(std::uint64_t number) {
  return static_cast<std::int64_t>(number >> 1U) ^ -static_cast<std::int64_t>(number & 1U);
}

class ExtentWriter {
 public:
  void append(std::string& out, const Extent& extent) {
    append_varint(out, zigzag(std::int64_t{extent.pack} - pack_));
    append_varint(out, zigzag(std::int64_t{extent.first} - end_));
    append_varint(out, extent.count);
    pack_ = extent.pack;
    end_ = std::int64_t{extent.first} + extent.count;
  }

 private:
  std::int64_t pack_ = 0, end_ = 0;
};

class ExtentReader {
 public:
  Extent read(BinaryReader& in, std::size_t packs) {
    const std::int64_t pack = add(in, pack_, unzigzag(in.varint()));
    const std::int64_t first = add(in, end_, unzigzag(in.varint()));
    const std::uint64_t count = in.varint();
    constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
    const bool good = pack >= 0 && pack < static_cast<std::int64_t>(packs) && first >= 0 &&
                      count > 0 && count <= static_cast<std::uint64_t>(kMost) &&
                      first <= kMost - static_cast<std::int64_t>(count);
    if (!good) in.fail("an extent lies nowhere");
    pack_ = pack;
    end_ = first + static_cast<std::int64_t>(count);
    return {static_cast<std::uint32_t>(pack), static_cast<std::uint32_t>(first),
            static_cast<std::uint32_t>(count)};
  }

 private:
  static std::int64_t add(BinaryReader& in, std::int64_t base, std::int64_t more) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(base, more, &sum)) in.fail("an extent lies nowhere");
    return sum;
  }

  std::int64_t pack_ = 0, end_ = 0;
};

PackRecord read_pack(BinaryReader& in) {
  PackRecord pack;
  pack.id = hexadecimal(in.take(kIdBytes));
  pack.stored_bytes = in.varint();
  pack.sha256 = hexadecimal(in.take(kHashBytes));
  pack.index_sha256 = hexadecimal(in.take(kHashBytes));
  return pack;
}

std::string read_all(ByteSource& source) {
  std::string bytes;
  std::array<char, 64 * 1024> block{};
  while (const std::size_t size = source.read(block)) bytes.append(block.data(), size);
  return bytes;
}

}  // namespace

std::uint64_t BlockMap::block_count() const {
  std::uint64_t count = 0;
  for (const Extent& extent : extents) count += extent.count;
  return count;
}

void write_block_map(const BlockMap& map, ByteSink& sink) {
  constexpr std::size_t kEnough = 64 * 1024;
  std::string out(kMagic);
  const auto flush = [&](std::size_t least) {
    if (out.size() < least) return;
    sink.write(out);
    out.clear();
  };
  append_varint(out, map.packs.size());
  for (const PackRecord& pack : map.packs) {
    append_hex(out, pack.id);
    append_varint(out, pack.stored_bytes);
    append_hex(out, pack.sha256);
    append_hex(out, pack.index_sha256);
    flush(kEnough);
  }
  append_varint(out, map.extents.size());
  ExtentWriter writer;
  for (const Extent& extent : map.extents) {
    writer.append(out, extent);
    flush(kEnough);
  }
  flush(1);
}

BlockMap read_block_map(ByteSource& source) {
  const std::string bytes = read_all(source);
  BinaryReader in(bytes, kWhat);
  if (in.left() < kMagic.size() || in.take(kMagic.size()) != kMagic) in.fail("it is none");
  BlockMap map;
  for (std::uint64_t left = in.varint(); left > 0; --left) map.packs.push_back(read_pack(in));
  ExtentReader reader;
  for (std::uint64_t left = in.varint(); left > 0; --left) {
    map.extents.push_back(reader.read(in, map.packs.size()));
  }
  if (in.left() > 0) in.fail("something follows its end");
  return map;
}

}  // namespace prism::blocks
