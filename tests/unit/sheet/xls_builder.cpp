#include "xls_builder.hpp"

#include <algorithm>
#include <bit>

namespace prism::sheet::test {
namespace {

constexpr std::uint32_t kFatSector = 0xFFFFFFFD;
constexpr std::uint32_t kDifatSector = 0xFFFFFFFC;
constexpr std::uint32_t kEndOfChain = 0xFFFFFFFE;
constexpr std::uint32_t kFree = 0xFFFFFFFF;
constexpr std::size_t kHeaderEntries = 109;

std::string little_endian(std::uint64_t value, unsigned bytes) {
  std::string out;
  for (unsigned i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

void pad(std::string& text, std::size_t unit, char with = 0) {
  while (text.size() % unit != 0) text += with;
}

/// Puts the parts of a compound file into sectors.
class CompoundWriter {
 public:
  explicit CompoundWriter(CompoundOptions options)
      : options_(options), sector_(std::size_t{1} << options.sector_shift) {}

  std::string write(const std::vector<BuiltStream>& streams) {
    std::string directory;
    for (std::size_t i = 0; i < streams.size(); ++i) {
      const bool last = i + 1 == streams.size();
      directory += entry(streams[i].name, 2, last ? kFree : static_cast<std::uint32_t>(i + 2),
                         kFree, add_stream(streams[i].content), streams[i].content.size());
    }
    const std::size_t mini_size = mini_.size();
    const std::uint32_t mini_start = add_chain(mini_);
    const std::uint32_t mini_fat = add_chain(mini_fat_, '\xFF');
    directory.insert(0, entry("Root Entry", 5, kFree, 1, mini_start, mini_size));
    return finish(add_chain(directory), mini_fat);
  }

 private:
  static std::string entry(const std::string& name, unsigned type, std::uint32_t right,
                           std::uint32_t child, std::uint32_t start, std::size_t size) {
    std::string raw = utf16(std::u16string(name.begin(), name.end()));
    raw.resize(64);
    raw += le16(static_cast<unsigned>(2 * name.size() + 2)) + le8(type) + le8(1);
    raw += le32(kFree) + le32(right) + le32(child) + std::string(36, '\0');
    return raw + le32(start) + le64(size);
  }

  std::uint32_t add_stream(const std::string& content) {
    return content.size() < 4096 ? add_mini(content) : add_chain(content);
  }

  std::uint32_t add_mini(std::string content) {
    pad(content, 64);
    const auto start = static_cast<std::uint32_t>(mini_.size() / 64);
    const auto count = static_cast<std::uint32_t>(content.size() / 64);
    for (std::uint32_t i = 1; i <= count; ++i) {
      mini_fat_ += le32(i == count ? kEndOfChain : start + i);
    }
    mini_ += content;
    return count == 0 ? kEndOfChain : start;
  }

  std::uint32_t add_chain(std::string content, char padding = 0) {
    pad(content, sector_, padding);
    std::uint32_t first = kEndOfChain;
    std::uint32_t before = kEndOfChain;
    for (std::size_t at = 0; at < content.size(); at += sector_) {
      if (options_.scattered) add_sector(std::string(sector_, '?'), kFree);
      const std::uint32_t number = add_sector(content.substr(at, sector_), kEndOfChain);
      if (before == kEndOfChain) first = number;
      if (before != kEndOfChain) fat_[before] = number;
      before = number;
    }
    return first;
  }

  std::uint32_t add_sector(const std::string& content, std::uint32_t mark) {
    sectors_ += content;
    fat_.push_back(mark);
    return static_cast<std::uint32_t>(fat_.size() - 1);
  }

  std::string finish(std::uint32_t directory, std::uint32_t mini_fat) {
    const std::size_t per_sector = sector_ / 4;
    std::size_t fat_count = 0;
    std::size_t difat_count = 0;
    // The tables take sectors that they must list themselves.
    for (std::size_t total = 0; total != fat_.size() + fat_count + difat_count;) {
      total = fat_.size() + fat_count + difat_count;
      fat_count = (total + per_sector - 1) / per_sector;
      const std::size_t beyond = fat_count - std::min(fat_count, kHeaderEntries);
      difat_count = (beyond + per_sector - 2) / (per_sector - 1);
    }
    const auto first = static_cast<std::uint32_t>(fat_.size());
    fat_.insert(fat_.end(), fat_count, kFatSector);
    fat_.insert(fat_.end(), difat_count, kDifatSector);
    fat_.resize(fat_count * per_sector, kFree);
    const auto difat = static_cast<std::uint32_t>(first + fat_count);
    std::string head = header(directory, mini_fat, fat_count, difat_count, difat);
    for (std::size_t i = 0; i < kHeaderEntries; ++i) {
      head += le32(i < fat_count ? static_cast<std::uint32_t>(first + i) : kFree);
    }
    pad(head, sector_);
    std::string tables;
    for (const std::uint32_t next : fat_) tables += le32(next);
    for (std::size_t i = 0; i < difat_count; ++i) {
      for (std::size_t k = 0; k + 1 < per_sector; ++k) {
        const std::size_t fat = kHeaderEntries + i * (per_sector - 1) + k;
        tables += le32(fat < fat_count ? static_cast<std::uint32_t>(first + fat) : kFree);
      }
      tables += le32(i + 1 < difat_count ? static_cast<std::uint32_t>(difat + i + 1) : kEndOfChain);
    }
    return head + sectors_ + tables;
  }

  std::string header(std::uint32_t directory, std::uint32_t mini_fat, std::size_t fat_count,
                     std::size_t difat_count, std::uint32_t difat) const {
    std::string head = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + std::string(16, '\0');
    head += le16(0x3E) + le16(sector_ == 512 ? 3 : 4) + le16(0xFFFE);
    head += le16(options_.sector_shift) + le16(6) + std::string(6, '\0') + le32(0);
    head += le32(static_cast<std::uint32_t>(fat_count)) + le32(directory) + le32(0) + le32(4096);
    const std::size_t mini_sectors = (mini_fat_.size() + sector_ - 1) / sector_;
    head += le32(mini_fat) + le32(static_cast<std::uint32_t>(mini_sectors));
    return head + le32(difat_count == 0 ? kEndOfChain : difat) +
           le32(static_cast<std::uint32_t>(difat_count));
  }

  CompoundOptions options_;
  std::size_t sector_;
  std::string sectors_;
  std::vector<std::uint32_t> fat_;
  std::string mini_;
  std::string mini_fat_;
};

}  // namespace

std::string le8(unsigned value) { return little_endian(value, 1); }
std::string le16(unsigned value) { return little_endian(value, 2); }
std::string le32(std::uint32_t value) { return little_endian(value, 4); }
std::string le64(std::uint64_t value) { return little_endian(value, 8); }
std::string le_double(double value) { return le64(std::bit_cast<std::uint64_t>(value)); }

std::string utf16(std::u16string_view text) {
  std::string out;
  for (const char16_t unit : text) out += le16(unit);
  return out;
}

std::string record(unsigned type, std::string_view data) {
  return le16(type) + le16(static_cast<unsigned>(data.size())) + std::string(data);
}

std::string bof(unsigned kind, unsigned version) {
  return record(0x0809, le16(version) + le16(kind) + std::string(version == 0x0600 ? 12 : 4, '\0'));
}

std::string old_bof(unsigned type, unsigned kind) {
  return record(type, le16(type & 0xFF00U) + le16(kind) + (type == 0x0009 ? "" : le16(0)));
}

std::string eof() { return record(0x000A, ""); }

std::string cell(unsigned row, unsigned column, unsigned format) {
  return le16(row) + le16(column) + le16(format);
}

std::string old_cell(unsigned row, unsigned column, unsigned cell_format, unsigned number_format) {
  return le16(row) + le16(column) + le8(cell_format) + le8(number_format) + le8(0);
}

std::string short_bytes(std::string_view text) {
  return le8(static_cast<unsigned>(text.size())) + std::string(text);
}

std::string long_bytes(std::string_view text) {
  return le16(static_cast<unsigned>(text.size())) + std::string(text);
}

std::string compressed(std::string_view text) {
  return le16(static_cast<unsigned>(text.size())) + le8(0) + std::string(text);
}

std::string wide(std::u16string_view text) {
  return le16(static_cast<unsigned>(text.size())) + le8(1) + utf16(text);
}

std::string workbook_stream(const std::string& globals, const std::vector<BuiltSheet>& sheets,
                            unsigned version) {
  const std::string flags = version == 0x0600 ? le8(0) : "";
  const std::string begin = bof(0x0005, version) + globals;
  std::size_t offset = begin.size() + eof().size();
  for (const BuiltSheet& sheet : sheets) offset += 11 + flags.size() + sheet.name.size();
  std::string head = begin;
  std::string bodies;
  for (const BuiltSheet& sheet : sheets) {
    head += record(0x0085, le32(static_cast<std::uint32_t>(offset + bodies.size())) +
                               le8(sheet.state) + le8(sheet.kind) +
                               le8(static_cast<unsigned>(sheet.name.size())) + flags + sheet.name);
    bodies += bof(sheet.kind == 2 ? 0x0020 : 0x0010, version) + sheet.records + eof();
  }
  return head + eof() + bodies;
}

std::string compound_file(const std::vector<BuiltStream>& streams, CompoundOptions options) {
  return CompoundWriter(options).write(streams);
}

std::string xls_file(const std::string& records, const std::string& globals) {
  return compound_file({{"Workbook", workbook_stream(globals, {{"Sheet1", records}})}});
}

void overwrite(std::string& file, std::size_t offset, std::string_view bytes) {
  file.replace(offset, bytes.size(), bytes);
}

}  // namespace prism::sheet::test
