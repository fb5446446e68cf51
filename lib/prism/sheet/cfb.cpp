#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <prism/base/text.hpp>
#include <prism/sheet/cfb.hpp>

namespace prism::sheet {
namespace {

// Special sector numbers, [MS-CFB] section 2.1; from kMaxSector on a number names no sector.
constexpr std::uint32_t kMaxSector = 0xFFFFFFFA;
constexpr std::uint32_t kFree = 0xFFFFFFFF;

constexpr std::size_t kHeaderSize = 512;
constexpr std::size_t kEntrySize = 128;
constexpr unsigned kMiniShift = 6;
constexpr std::uint64_t kMiniCutoff = 4096;
/// More than any workbook has; keeps a hostile directory from filling the memory.
constexpr std::size_t kMostEntries = 65536;
constexpr std::uint64_t kWholeChain = std::numeric_limits<std::uint64_t>::max();

constexpr std::array<unsigned char, 8> kMagic{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1};

// Object types of directory entries, [MS-CFB] section 2.6.1.
constexpr std::uint8_t kStorage = 1;
constexpr std::uint8_t kStream = 2;
constexpr std::uint8_t kRootEntry = 5;

std::string sector_text(std::uint32_t sector) { return "sector " + std::to_string(sector); }

/// Adds a piece of the file to a stream, to the last extent when it follows it.
void append_extent(std::vector<CfbStream::Extent>& extents, std::uint64_t offset,
                   std::uint64_t length) {
  if (!extents.empty() && extents.back().offset + extents.back().length == offset) {
    extents.back().length += length;
    return;
  }
  const std::uint64_t start = extents.empty() ? 0 : extents.back().start + extents.back().length;
  extents.push_back({start, offset, length});
}

}  // namespace

CfbStream::CfbStream(const ByteSource& file, std::vector<Extent> extents, std::uint64_t size)
    : file_(&file), extents_(std::move(extents)), size_(size) {}

std::size_t CfbStream::read(std::uint64_t offset, std::span<unsigned char> out) const {
  if (offset >= size_) return 0;
  out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size_ - offset)));
  std::size_t done = 0;
  auto extent = std::upper_bound(extents_.begin(), extents_.end(), offset,
                                 [](std::uint64_t at, const Extent& e) { return at < e.start; });
  if (extent == extents_.begin()) return 0;
  for (--extent; extent != extents_.end() && done < out.size(); ++extent) {
    const std::uint64_t skipped = offset + done - extent->start;
    if (skipped >= extent->length) break;
    const auto want = std::min<std::uint64_t>(out.size() - done, extent->length - skipped);
    const auto piece = out.subspan(done, static_cast<std::size_t>(want));
    const std::size_t got = file_->read(extent->offset + skipped, piece);
    done += got;
    if (got < want) break;
  }
  return done;
}

std::optional<std::uint64_t> CfbStream::file_offset(std::uint64_t offset) const {
  for (const Extent& extent : extents_) {
    if (offset >= extent.start && offset - extent.start < extent.length) {
      return extent.offset + (offset - extent.start);
    }
  }
  return std::nullopt;
}

CompoundFile::CompoundFile(const ByteSource& file) : file_(file) {
  read_header();
  read_fat();
  read_directory();
}

/// [MS-CFB] section 2.2
void CompoundFile::read_header() {
  header_.resize(kHeaderSize);
  if (file_.read(0, header_) < kHeaderSize) {
    throw Damage("truncated: found " + std::to_string(file_.size()) +
                 " bytes, expected an OLE2 header of 512");
  }
  if (!std::equal(kMagic.begin(), kMagic.end(), header_.begin())) {
    throw Damage("found no OLE2 signature");
  }
  const unsigned shift = read_u16(header_, 30);
  if (shift != 9 && shift != 12) {
    throw Damage("damaged OLE2 header: found sector shift " + std::to_string(shift) +
                 ", expected 9 or 12");
  }
  sector_shift_ = shift;
  // The last sector may be cut short; the header takes the room of one sector.
  const std::uint64_t whole = (file_.size() + (1U << shift) - 1) >> shift;
  sector_count_ = whole == 0 ? 0 : whole - 1;
}

std::uint64_t CompoundFile::offset_of(Sector sector) const {
  if (sector >= sector_count_) {
    throw Damage("damaged or truncated: " + sector_text(sector) + " is needed, the file has " +
                 std::to_string(sector_count_));
  }
  return (std::uint64_t{sector} + 1) << sector_shift_;
}

/// A sector of sector numbers. What lies behind the end of the file counts as free.
std::vector<unsigned char> CompoundFile::read_table(Sector sector) const {
  std::vector<unsigned char> data(sector_size(), 0xFF);
  if (sector < sector_count_) file_.read(offset_of(sector), data);
  return data;
}

/// Follows a list of sector numbers. False when the table is complete. How many sectors it has the
/// header says too, but not always rightly.
bool CompoundFile::append_fat_sectors(Bytes locations) {
  for (std::size_t i = 0; i < locations.size(); i += 4) {
    // Entries for sectors behind the file's end would only cost memory.
    if (fat_.size() >= sector_count_) return false;
    const Sector sector = read_u32(locations, i);
    if (sector >= kMaxSector) continue;
    const auto table = read_table(sector);
    for (std::size_t k = 0; k < table.size(); k += 4) fat_.push_back(read_u32(table, k));
  }
  return true;
}

/// The FAT lies where the DIFAT says: 109 entries in the header, then a chain of sectors whose last
/// entry names the next one ([MS-CFB] section 2.5).
void CompoundFile::read_fat() {
  Sector sector = read_u32(header_, 68);
  bool more = append_fat_sectors(Bytes(header_).subspan(76));
  for (std::uint64_t steps = 0; more && sector < sector_count_; ++steps) {
    if (steps > sector_count_) throw Damage("damaged: the DIFAT sectors form a loop");
    const auto table = read_table(sector);
    more = append_fat_sectors(Bytes(table).first(table.size() - 4));
    sector = read_u32(table, table.size() - 4);
  }
}

/// Ends where a sector is free or not in the file: who reads the stream finds it cut off.
CfbStream CompoundFile::chain(Sector start, std::uint64_t size) const {
  std::vector<CfbStream::Extent> extents;
  std::vector<bool> seen(static_cast<std::size_t>(sector_count_));
  std::uint64_t length = 0;
  for (Sector sector = start; sector < sector_count_ && length < size; length += sector_size()) {
    if (seen[sector]) throw Damage("damaged: the chain of " + sector_text(start) + " is a loop");
    seen[sector] = true;
    append_extent(extents, offset_of(sector), sector_size());
    sector = sector < fat_.size() ? fat_[sector] : kFree;
  }
  return CfbStream(file_, std::move(extents), size == kWholeChain ? length : size);
}

/// A stream of less than 4096 bytes lies in pieces of 64 bytes within the root entry's stream
/// ([MS-CFB] section 2.4). Their allocation table is as long as its chain, whatever the header
/// says.
CfbStream CompoundFile::mini_chain(Sector start, std::uint64_t size) const {
  const CfbStream container = chain(root_.start, root_.size);
  const CfbStream table = chain(read_u32(header_, 60), kWholeChain);
  std::vector<CfbStream::Extent> extents;
  std::uint64_t length = 0;
  for (Sector sector = start; sector < kMaxSector && length < size; length += 1U << kMiniShift) {
    const auto offset = container.file_offset(std::uint64_t{sector} << kMiniShift);
    if (!offset) break;
    append_extent(extents, *offset, 1U << kMiniShift);
    std::array<unsigned char, 4> next;
    sector = table.read(std::uint64_t{sector} * 4, next) == next.size() ? read_u32(next, 0) : kFree;
  }
  return CfbStream(file_, std::move(extents), size);
}

/// [MS-CFB] section 2.6: the entries of a storage form a binary tree. Some programs sort it wrongly
/// or do not link it at all.
void CompoundFile::read_directory() {
  const Sector start = read_u32(header_, 48);
  offset_of(start);
  const CfbStream stream = chain(start, kWholeChain);
  const std::uint64_t most = std::uint64_t{kMostEntries} * kEntrySize;
  std::vector<unsigned char> directory(static_cast<std::size_t>(std::min(stream.size(), most)));
  directory.resize(stream.read(0, directory) / kEntrySize * kEntrySize);
  if (directory.empty()) throw Damage("truncated: the OLE2 directory is not there");
  root_ = entry_of(directory);
  std::vector<bool> seen(directory.size() / kEntrySize);
  read_tree(directory, seen);
  add_lost_entries(directory, seen);
  if (entries_.empty() && directory[66] != kRootEntry) {
    throw Damage("damaged: found no root entry in the OLE2 directory");
  }
}

void CompoundFile::read_tree(Bytes directory, std::vector<bool>& seen) {
  struct Step {
    std::uint32_t entry;
    bool top;
  };
  seen[0] = true;
  std::vector<Step> todo{{read_u32(directory, 76), true}};
  while (!todo.empty()) {
    const Step step = todo.back();
    todo.pop_back();
    if (step.entry >= seen.size() || seen[step.entry]) continue;
    seen[step.entry] = true;
    const Bytes raw = directory.subspan(step.entry * kEntrySize, kEntrySize);
    if (step.top) entries_.push_back(entry_of(raw));
    todo.push_back({read_u32(raw, 68), step.top});
    todo.push_back({read_u32(raw, 72), step.top});
    if (read_u8(raw, 66) == kStorage) todo.push_back({read_u32(raw, 76), false});
  }
}

void CompoundFile::add_lost_entries(Bytes directory, const std::vector<bool>& seen) {
  for (std::size_t i = 1; i < seen.size(); ++i) {
    const Bytes raw = directory.subspan(i * kEntrySize, kEntrySize);
    if (!seen[i] && read_u8(raw, 66) == kStream) entries_.push_back(entry_of(raw));
  }
}

/// Names end with a zero, whatever length their entry says. Those beyond ASCII are not looked for,
/// so that their letters may become `?`.
CompoundFile::Entry CompoundFile::entry_of(Bytes raw) const {
  Entry entry{{}, read_u32(raw, 116), read_u64(raw, 120)};
  // In files with 512-byte sectors the upper half of the size may be garbage.
  if (sector_shift_ == 9) entry.size &= 0xFFFFFFFF;
  constexpr std::size_t kNameSize = 64;
  for (std::size_t i = 0; i < kNameSize; i += 2) {
    const std::uint16_t unit = read_u16(raw, i);
    if (unit == 0) break;
    entry.name += unit < 0x80 ? static_cast<char>(unit) : '?';
  }
  return entry;
}

const CompoundFile::Entry* CompoundFile::find(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [name](const Entry& entry) {
    return equals_ignoring_case(entry.name, name);
  });
  return found == entries_.end() ? nullptr : &*found;
}

std::optional<CfbStream> CompoundFile::stream(std::string_view name) const {
  const Entry* entry = find(name);
  if (entry == nullptr) return std::nullopt;
  // Programs that know no mini stream leave the root entry without one.
  const bool mini = entry->size < kMiniCutoff && root_.size > 0;
  return mini ? mini_chain(entry->start, entry->size) : chain(entry->start, entry->size);
}

}  // namespace prism::sheet
