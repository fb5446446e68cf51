#include <string>
#include <string_view>

#include <prism/sheet/xls_globals.hpp>

namespace prism::sheet {
namespace {

std::string version_name(std::uint16_t version) {
  switch (version) {
    case 0x0500:
      return "Excel 5.0/95 (BIFF5)";
    case 0x0400:
      return "Excel 4.0 (BIFF4)";
    case 0x0300:
      return "Excel 3.0 (BIFF3)";
    case 0x0200:
    case 0x0007:
      return "Excel 2 (BIFF2)";
    default:
      return "BIFF version " + std::to_string(version);
  }
}

std::string take_text(ContinuedReader& from, std::size_t count) {
  TextBuffer text;
  append_unicode_string(from, count, text);
  return {text.data(), text.size()};
}

Visibility visibility_of(unsigned state) {
  switch (state & 0x03) {
    case 1:
      return Visibility::hidden;
    case 2:
      return Visibility::very_hidden;
    default:
      return Visibility::visible;
  }
}

/// Reads the records of the Globals substream one by one.
class GlobalsReader {
 public:
  GlobalsReader(const ByteSource& stream, XlsGlobals& globals)
      : records_(stream, 0), globals_(globals) {}

  void read() {
    Record record;
    if (!records_.next(record)) throw Damage("truncated: the workbook stream is empty");
    require_biff8(record);
    while (records_.next(record)) {
      if (record.type == biff::kEof) return finish();
      take(record);
    }
    throw Damage("truncated: the workbook's globals have no end");
  }

 private:
  void take(const Record& record) {
    switch (record.type) {
      case biff::kFilePass:
        throw Damage("encrypted: the workbook is protected by a password");
      case biff::kDate1904:
        globals_.date1904 = read_u16(record.data, 0) != 0;
        return;
      case biff::kBoundSheet:
        return take_sheet(record);
      case biff::kFormat:
        return take_format(record);
      case biff::kXf:
        return globals_.formats.add_cell_format(read_u16(record.data, 2));
      case biff::kSst:
        return take_strings(record);
      default:
        return;
    }
  }

  /// [MS-XLS] section 2.4.28 BoundSheet8
  void take_sheet(const Record& record) {
    constexpr std::uint8_t kWorksheet = 0;
    SheetInfo sheet;
    globals_.offsets.push_back(read_u32(record.data, 0));
    sheet.visibility = visibility_of(read_u8(record.data, 4));
    sheet.worksheet = read_u8(record.data, 5) == kWorksheet;
    const std::size_t length = read_u8(record.data, 6);
    ContinuedReader from(records_, record.data.subspan(7));
    sheet.name = take_text(from, length);
    globals_.sheets.push_back(std::move(sheet));
  }

  /// [MS-XLS] section 2.4.126 Format
  void take_format(const Record& record) {
    const std::uint16_t id = read_u16(record.data, 0);
    const std::uint16_t length = read_u16(record.data, 2);
    ContinuedReader from(records_, record.data.subspan(4));
    globals_.formats.add_code(id, take_text(from, length));
  }

  /// [MS-XLS] section 2.4.265 SST. A count too high is left to the cells that need the missing
  /// strings.
  void take_strings(const Record& record) {
    const std::uint32_t count = read_u32(record.data, 4);
    ContinuedReader from(records_, record.data.subspan(8));
    for (std::uint32_t i = 0; i < count && !from.at_end(); ++i) {
      try {
        append_unicode_string(from, from.u16(), globals_.strings.text());
      } catch (const Damage& damage) {
        throw Damage("shared string " + std::to_string(i) + ": " + damage.what());
      }
      globals_.strings.end_string();
    }
  }

  void finish() {
    if (globals_.sheets.empty()) throw Damage("the workbook has no sheets");
    globals_.formats.resolve();
  }

  RecordReader records_;
  XlsGlobals& globals_;
};

}  // namespace

void require_biff8(const Record& record) {
  if (record.type != biff::kBof) {
    throw Damage("found a record of type " + std::to_string(record.type) +
                 ", expected the start of a substream (BOF)");
  }
  const std::uint16_t version = read_u16(record.data, 0);
  if (version != biff::kVersion8) {
    throw Damage("found " + version_name(version) + ", expected Excel 97 or later (BIFF8)");
  }
}

void read_xls_globals(const ByteSource& stream, XlsGlobals& globals) {
  GlobalsReader(stream, globals).read();
}

}  // namespace prism::sheet
