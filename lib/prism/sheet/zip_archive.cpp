#include <algorithm>
#include <array>
#include <string>

#include <prism/base/text.hpp>
#include <prism/sheet/block_size.hpp>
#include <prism/sheet/bytes.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/inflate.hpp>
#include <prism/sheet/zip_archive.hpp>

namespace prism::sheet {
namespace {

constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;
constexpr std::size_t kChunk = kBlockSize / 4;

/// Sheets shrink to a tenth or a thirtieth; deflate can do a thousandth at most.
constexpr std::uint64_t kMostRatio = 200;
constexpr std::uint64_t kAllowedToHold = std::uint64_t{16} << 20;
constexpr std::uint64_t kAllowedToStream = std::uint64_t{1} << 30;

bool same_part(std::string_view a, std::string_view b) {
  const auto folded = [](char c) {
    if (c == '\\') return '/';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return folded(x) == folded(y); });
}

/// Where the content begins, behind the local header ([APPNOTE] section 4.3.7).
std::uint64_t content_offset(const ByteSource& file, const ZipEntry& entry) {
  constexpr std::uint32_t kSignature = 0x04034B50;
  std::array<unsigned char, 30> header;
  if (file.read(entry.header_offset, header) < header.size() || read_u32(header, 0) != kSignature) {
    throw Damage("its header is not where the archive's directory says");
  }
  return entry.header_offset + header.size() + read_u16(header, 26) + read_u16(header, 28);
}

/// The packed bytes of an entry, a chunk at a time.
class PackedBytes {
 public:
  PackedBytes(const ByteSource& file, const ZipEntry& entry)
      : file_(file), offset_(content_offset(file, entry)), left_(entry.packed), chunk_(kChunk) {}

  /// Empty at the end.
  Bytes next() {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left_, chunk_.size()));
    const std::size_t got = file_.read(offset_, std::span(chunk_).first(want));
    if (got < want) throw Damage("the file ends within it");
    offset_ += got;
    left_ -= got;
    return Bytes(chunk_).first(got);
  }

 private:
  const ByteSource& file_;
  std::uint64_t offset_;
  std::uint64_t left_;
  std::vector<unsigned char> chunk_;
};

class StoredBytes : public ByteStream {
 public:
  explicit StoredBytes(PackedBytes packed) : packed_(std::move(packed)) {}

  std::size_t read(std::span<char> out) override {
    if (left_.empty()) left_ = packed_.next();
    const std::size_t count = std::min(out.size(), left_.size());
    std::copy_n(left_.begin(), count, out.begin());
    left_ = left_.subspan(count);
    return count;
  }

 private:
  PackedBytes packed_;
  Bytes left_;
};

class InflatedBytes : public ByteStream {
 public:
  explicit InflatedBytes(PackedBytes packed) : packed_(std::move(packed)) {}

  std::size_t read(std::span<char> out) override {
    std::size_t done = 0;
    while (done < out.size() && !inflater_.finished()) {
      const bool fed = !inflater_.used_up() || feed();
      const std::size_t got = inflater_.inflate(out.subspan(done));
      done += got;
      if (got == 0 && !fed && !inflater_.finished()) throw Damage("its compressed data end early");
    }
    return done;
  }

 private:
  bool feed() {
    const Bytes packed = packed_.next();
    inflater_.feed(packed);
    return !packed.empty();
  }

  PackedBytes packed_;
  Inflater inflater_;
};

/// The content of a part with all that is checked of it.
class ZipPart : public ByteStream {
 public:
  ZipPart(const ByteSource& file, const ZipEntry& entry, PartUse use)
      : entry_(entry), allowed_(use == PartUse::held ? kAllowedToHold : kAllowedToStream) {
    content_ = open(file);
    // What the archive says of itself need not be true.
    packed_ = std::min(entry.packed, file.size());
  }

  std::size_t read(std::span<char> out) override {
    const std::size_t got = content_->read(out);
    crc_ = update_crc32(crc_, out.first(got));
    unpacked_ += got;
    if (unpacked_ > allowed_ && unpacked_ / kMostRatio > packed_) {
      throw Damage("unpacks to more than " + std::to_string(kMostRatio) +
                   " times its size: a zip bomb");
    }
    if (got == 0 && !out.empty() && crc_ != entry_.crc) {
      throw Damage("its checksum (CRC) is wrong");
    }
    return got;
  }

 private:
  std::unique_ptr<ByteStream> open(const ByteSource& file) const {
    if (entry_.encrypted) throw Damage("it is encrypted");
    PackedBytes packed(file, entry_);
    if (entry_.method == kStored) return std::make_unique<StoredBytes>(std::move(packed));
    if (entry_.method == kDeflated) return std::make_unique<InflatedBytes>(std::move(packed));
    throw Damage("found compression method " + std::to_string(entry_.method) +
                 ", expected 0 (stored) or 8 (deflated)");
  }

  ZipEntry entry_;
  std::uint64_t allowed_;
  std::unique_ptr<ByteStream> content_;
  std::uint64_t packed_ = 0;
  std::uint64_t unpacked_ = 0;
  std::uint32_t crc_ = 0;
};

}  // namespace

ZipArchive::ZipArchive(const ByteSource& file) : file_(file), entries_(read_zip_directory(file)) {}

/// Of two entries with one name the later one counts, as in an archive that was added to.
const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [name](const ZipEntry& e) {
    const std::string_view own = e.name;
    return same_part(own.starts_with('/') ? own.substr(1) : own, name);
  });
  return found == entries_.rend() ? nullptr : &*found;
}

std::unique_ptr<ByteStream> ZipArchive::open(std::string_view name, PartUse use) const {
  const ZipEntry* entry = find(name);
  if (entry == nullptr) throw Damage("part " + in_quotes(name) + " is missing");
  try {
    return std::make_unique<ZipPart>(file_, *entry, use);
  } catch (const Damage& damage) {
    throw Damage("part " + in_quotes(name) + ": " + damage.what());
  }
}

}  // namespace prism::sheet
