#include <algorithm>
#include <optional>
#include <string>

#include <prism/sheet/bytes.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/zip_directory.hpp>

// [APPNOTE]: "APPNOTE.TXT - .ZIP File Format Specification", version 6.3.10.

namespace prism::sheet {
namespace {

constexpr std::uint32_t kEntrySignature = 0x02014B50;
constexpr std::uint32_t kEndSignature = 0x06054B50;
constexpr std::uint32_t kEnd64Signature = 0x06064B50;
constexpr std::uint32_t kLocatorSignature = 0x07064B50;
constexpr std::size_t kEntrySize = 46;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kLocatorSize = 20;
constexpr std::size_t kMostComment = 65535;
/// A workbook has some dozens of parts; the directory is held in memory.
constexpr std::uint64_t kMostDirectory = std::uint64_t{16} << 20;
constexpr std::uint32_t kIn64 = 0xFFFFFFFF;  ///< the zip64 field has the number

/// Where the central directory lies, as the archive says.
struct Place {
  std::uint64_t offset;
  std::uint64_t size;
  std::uint64_t end;  ///< where the record lies that says so: right behind the directory
};

std::vector<unsigned char> read_at(const ByteSource& file, std::uint64_t offset, std::size_t size) {
  std::vector<unsigned char> data(size);
  data.resize(file.read(offset, data));
  return data;
}

/// The end of central directory record ([APPNOTE] section 4.3.16), searched for from the file's end
/// because a comment may follow it.
std::uint64_t find_end(const ByteSource& file) {
  const std::uint64_t most = std::min<std::uint64_t>(file.size(), kEndSize + kMostComment);
  const std::uint64_t start = file.size() - most;
  const auto tail = read_at(file, start, static_cast<std::size_t>(most));
  for (std::size_t at = tail.size() < kEndSize ? 0 : tail.size() - kEndSize + 1; at-- > 0;) {
    if (read_u32(tail, at) == kEndSignature) return start + at;
  }
  throw Damage("damaged or truncated zip archive: its central directory is not there");
}

/// [APPNOTE] sections 4.3.14 and 4.3.15
std::optional<Place> place_of_zip64(const ByteSource& file, std::uint64_t end) {
  if (end < kLocatorSize) return std::nullopt;
  const auto locator = read_at(file, end - kLocatorSize, kLocatorSize);
  if (locator.size() < kLocatorSize || read_u32(locator, 0) != kLocatorSignature) {
    return std::nullopt;
  }
  const std::uint64_t offset = read_u64(locator, 8);
  const auto record = read_at(file, offset, kEnd64Size);
  if (record.size() < kEnd64Size || read_u32(record, 0) != kEnd64Signature) return std::nullopt;
  return Place{read_u64(record, 48), read_u64(record, 40), offset};
}

Place find_directory(const ByteSource& file) {
  const std::uint64_t end = find_end(file);
  if (const auto place = place_of_zip64(file, end)) return *place;
  const auto record = read_at(file, end, kEndSize);
  return {read_u32(record, 16), read_u32(record, 12), end};
}

bool is_entry(Bytes data) { return data.size() >= 4 && read_u32(data, 0) == kEntrySignature; }

/// What the zip64 field of an entry says, in the order in which numbers are missing elsewhere
/// ([APPNOTE] section 4.5.3).
void take_zip64(Bytes extra, ZipEntry& entry) {
  constexpr std::uint16_t kZip64 = 0x0001;
  for (std::size_t at = 0; at + 4 <= extra.size();) {
    const std::uint16_t id = read_u16(extra, at);
    const std::size_t size = read_u16(extra, at + 2);
    at += 4;
    if (size > extra.size() - at) return;
    if (id == kZip64) {
      Bytes field = extra.subspan(at, size);
      for (std::uint64_t* number : {&entry.unpacked, &entry.packed, &entry.header_offset}) {
        if (*number != kIn64 || field.size() < 8) continue;
        *number = read_u64(field, 0);
        field = field.subspan(8);
      }
    }
    at += size;
  }
}

/// Takes one entry off the front of the directory.
ZipEntry take_entry(Bytes& directory) {
  require(directory, 0, kEntrySize);
  const std::size_t name = read_u16(directory, 28);
  const std::size_t extra = read_u16(directory, 30);
  const std::size_t comment = read_u16(directory, 32);
  require(directory, 0, kEntrySize + name + extra + comment);
  ZipEntry entry;
  entry.encrypted = (read_u16(directory, 8) & 1) != 0;
  entry.method = read_u16(directory, 10);
  entry.crc = read_u32(directory, 16);
  entry.packed = read_u32(directory, 20);
  entry.unpacked = read_u32(directory, 24);
  entry.header_offset = read_u32(directory, 42);
  entry.name.assign(reinterpret_cast<const char*>(directory.data()) + kEntrySize, name);
  take_zip64(directory.subspan(kEntrySize + name, extra), entry);
  directory = directory.subspan(kEntrySize + name + extra + comment);
  return entry;
}

}  // namespace

std::vector<ZipEntry> read_zip_directory(const ByteSource& file) {
  const Place place = find_directory(file);
  if (place.size > kMostDirectory || place.size > place.end) {
    throw Damage("damaged zip archive: its central directory says that it has " +
                 std::to_string(place.size) + " bytes");
  }
  // Where something stands before the archive, all of its offsets are too low by that much.
  const bool shifted = !is_entry(read_at(file, place.offset, 4));
  const std::uint64_t start = shifted ? place.end - place.size : place.offset;
  const auto data = read_at(file, start, static_cast<std::size_t>(place.size));
  Bytes left = data;
  std::vector<ZipEntry> entries;
  while (is_entry(left)) {
    entries.push_back(take_entry(left));
    entries.back().header_offset += start - place.offset;
  }
  if (entries.empty()) throw Damage("damaged zip archive: its central directory is empty");
  return entries;
}

}  // namespace prism::sheet
