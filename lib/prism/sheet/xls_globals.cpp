#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <prism/sheet/xls_encryption.hpp>
#include <prism/sheet/xls_globals.hpp>
#include <prism/sheet/xls_text.hpp>

namespace prism::sheet {
namespace {

/// Takes the records that fill an XlsGlobals.
class SharedRecords {
 public:
  SharedRecords(RecordReader& records, BiffVersion version)
      : records_(records), globals_(std::make_shared<XlsGlobals>()) {
    globals_->version = version;
  }

  /// Those of a sheet of BIFF4 within a workbook.
  SharedRecords(RecordReader& records, const XlsGlobals& workbook)
      : SharedRecords(records, workbook.version) {
    globals_->code_page = workbook.code_page;
    globals_->date1904 = workbook.date1904;
    if (workbook.cipher) globals_->cipher = workbook.cipher->clone();
    bundled_ = true;
  }

  void take(const Record& record) {
    switch (record.type) {
      case biff::kFilePass:
        return take_password(record);
      case biff::kDate1904:
        globals_->date1904 = read_u16(record.data, 0) != 0;
        return;
      case biff::kCodePage:
        globals_->code_page = read_u16(record.data, 0);
        text_.reset();
        return;
      case biff::kFormat2:
      case biff::kFormat:
        return take_format(record);
      case biff::kXf2:
        cell_formats_.push_back(read_u8(record.data, 2) & 0x3FU);
        return;
      case biff::kXf3:
      case biff::kXf4:
        cell_formats_.push_back(read_u8(record.data, 1));
        return;
      case biff::kXf:
        cell_formats_.push_back(read_u16(record.data, 2));
        return;
      case biff::kSst:
        return take_strings(record);
      default:
        return;
    }
  }

  bool has_cell_formats() const { return !cell_formats_.empty(); }

  std::string text(Bytes data, std::size_t length) {
    if (!text_) text_.emplace(globals_->version, globals_->code_page);
    ContinuedReader from(records_, data);
    return text_->read(from, length);
  }

  std::shared_ptr<XlsGlobals> finish() {
    if (cell_formats_.empty() && globals_->version == BiffVersion::biff2) add_cell_formats();
    for (const std::uint32_t format : cell_formats_) {
      // Before BIFF5 a number that no FORMAT record has says nothing.
      formats_->add_cell_format(ordered() && format >= format_count_ ? 0 : format);
    }
    formats_->resolve();
    globals_->formats = formats_;
    return globals_;
  }

 private:
  /// Until BIFF4 formats are known by their order, not by a number of their own.
  bool ordered() const { return globals_->version < BiffVersion::biff5; }

  /// Excel 2.0 has no cell formats: each cell names a number format.
  void add_cell_formats() {
    constexpr std::uint32_t kMost = 64;
    for (std::uint32_t i = 0; i < kMost; ++i) cell_formats_.push_back(i);
    globals_->formats_in_cells = true;
  }

  void take_password(const Record& record) {
    if (globals_->cipher) return;
    if (bundled_) throw Encrypted("encrypted: a single sheet is protected by a password");
    globals_->cipher = open_file_pass(record.data, globals_->version);
    if (globals_->cipher) records_.set_cipher(globals_->cipher->clone());
  }

  /// [MS-XLS] section 2.4.126 Format. In BIFF2 and BIFF3 it is the code alone; BIFF4 has two bytes
  /// of no use before it, where later versions have its number.
  void take_format(const Record& record) {
    constexpr std::uint32_t kMostOrdered = 256;
    const std::uint32_t position = format_count_++;
    if (ordered() && position >= kMostOrdered) return;  // no cell format can name it
    const std::size_t number = record.type == biff::kFormat2 ? 0 : 2;
    const std::size_t length = globals_->version == BiffVersion::biff8 ? 2 : 1;
    if (record.data.size() < number + length) return;  // as if it were not there
    const Bytes code = record.data.subspan(number);
    const std::uint32_t id = ordered() ? position : read_u16(record.data, 0);
    formats_->add_code(
        id, text(code.subspan(length), length == 2 ? read_u16(code, 0) : read_u8(code, 0)));
  }

  /// [MS-XLS] section 2.4.265 SST. Some programs count the strings wrongly: those that are there
  /// are read, those that are not are left to the cells that need them.
  void take_strings(const Record& record) {
    const std::uint32_t count = read_u32(record.data, 4);
    ContinuedReader from(records_, rest_of(record.data, 8));
    for (std::uint32_t i = 0; !from.at_end(); ++i) {
      const std::size_t before = globals_->strings.text().size();
      try {
        append_unicode_string(from, from.u16(), globals_->strings.text());
      } catch (const Damage& damage) {
        globals_->strings.text().cut_to(before);
        if (i >= count) return;  // not a string any more
        throw Damage("shared string " + std::to_string(i) + ": " + damage.what());
      }
      globals_->strings.end_string();
    }
  }

  RecordReader& records_;
  bool bundled_ = false;
  std::shared_ptr<XlsGlobals> globals_;
  std::optional<XlsText> text_;              ///< kept, as a converter is slow to open
  std::vector<std::uint32_t> cell_formats_;  ///< the number format of each
  std::shared_ptr<CellFormats> formats_ = std::make_shared<CellFormats>();
  std::uint32_t format_count_ = 0;
};

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

/// Of a stream that holds a single sheet, which has no name.
bool is_sheet(const Bof& bof) {
  return bof.version < BiffVersion::biff5 || bof.kind == biff::kWorksheet ||
         bof.kind == biff::kChart || bof.kind == biff::kMacroSheet;
}

bool is_worksheet(const Bof& bof) {
  return bof.kind != biff::kChart && bof.kind != biff::kMacroSheet;
}

/// Reads the records of the first substream one by one.
class GlobalsReader {
 public:
  GlobalsReader(const ByteSource& stream, BiffVersion otherwise)
      : records_(stream, 0), otherwise_(otherwise) {}

  std::vector<XlsSheet> read() {
    if (!records_.next(record_)) throw Damage("truncated: the workbook stream is empty");
    const Bof bof = parse_bof(record_, otherwise_);
    shared_.emplace(records_, bof.version);
    read_substream(bof);
    if (sheets_.empty()) throw Damage("the workbook has no sheets");
    return std::move(sheets_);
  }

 private:
  void read_substream(const Bof& bof) {
    if (bof.kind == biff::kWorkspace && bof.version == BiffVersion::biff4) return read_bundle();
    if (bof.kind == biff::kWorkspace) {
      throw Damage("found a workspace, which holds no cells, expected a workbook");
    }
    if (is_sheet(bof)) return read_single_sheet(bof);
    read_workbook();
  }

  /// Names the record at hand in whatever is wrong with it.
  template <typename Action>
  void at_record(Action&& action) const {
    try {
      std::forward<Action>(action)();
    } catch (const Encrypted&) {
      throw;
    } catch (const Damage& damage) {
      throw Damage("record of type " + std::to_string(record_.type) + " at offset " +
                   std::to_string(record_.offset) + ": " + damage.what());
    }
  }

  void take_into(SharedRecords& shared) {
    at_record([&] { shared.take(record_); });
  }

  void add_sheet(XlsSheet sheet) {
    constexpr std::size_t kMost = 65535;  // other records count them in 16 bits
    if (sheets_.size() == kMost) throw Damage("the workbook has more than 65535 sheets");
    sheets_.push_back(std::move(sheet));
  }

  /// The globals of BIFF5 and later. They end with an EOF record, which some programs forget.
  void read_workbook() {
    while (records_.next(record_)) {
      if (record_.type == biff::kEof || is_bof(record_.type)) break;
      if (record_.type == biff::kBoundSheet) {
        at_record([this] { take_sheet(); });
      } else {
        take_into(*shared_);
      }
    }
    const auto globals = shared_->finish();
    for (XlsSheet& sheet : sheets_) sheet.globals = globals;
  }

  /// [MS-XLS] section 2.4.28 BoundSheet8
  void take_sheet() {
    constexpr std::uint8_t kWorksheet = 0;
    const Bytes data = record_.data;
    XlsSheet sheet;
    sheet.offset = read_u32(data, 0);
    sheet.info.visibility = visibility_of(read_u8(data, 4));
    sheet.info.worksheet = read_u8(data, 5) == kWorksheet;
    sheet.info.name = shared_->text(rest_of(data, 7), read_u8(data, 6));
    std::erase(sheet.info.name, '\0');
    add_sheet(std::move(sheet));
  }

  /// A stream that begins with a sheet holds no more than that one.
  void read_single_sheet(const Bof& bof) {
    unsigned nested = 0;
    while (records_.next(record_)) {
      if (is_bof(record_.type)) ++nested;
      if (record_.type == biff::kEof && nested-- == 0) break;
      if (nested == 0) take_into(*shared_);
    }
    sheets_.push_back({{"Sheet1", Visibility::visible, is_worksheet(bof)}, 0, shared_->finish()});
  }

  /// The workbooks of BIFF4: their sheets lie within the globals, each behind a header.
  void read_bundle() {
    unsigned nested = 0;
    while (records_.next(record_)) {
      if (record_.type == biff::kSheetHeader4) {
        finish_bundled_sheet();
        at_record([this] { begin_bundled_sheet(); });
        nested = 0;
      } else if (is_bof(record_.type)) {
        if (nested++ == 0) at_record([this] { take_kind(); });
      } else if (record_.type == biff::kEof) {
        if (nested == 0) break;
        if (--nested == 0) finish_bundled_sheet();
      } else if (nested < 2) {
        take_into(sheet_shared_ ? *sheet_shared_ : *shared_);
      }
    }
    finish_bundled_sheet();
  }

  /// The size of the substream and its name.
  void begin_bundled_sheet() {
    if (!bundle_) bundle_ = shared_->finish();
    const Bytes data = record_.data;
    const std::size_t length = read_u8(data, 4);
    XlsSheet sheet;
    sheet.offset = static_cast<std::uint32_t>(record_.offset + 4 + data.size());
    sheet.info.name = shared_->text(rest_of(data, 5), length);
    add_sheet(std::move(sheet));
    sheet_shared_.emplace(records_, *bundle_);
  }

  void take_kind() {
    if (sheet_shared_) sheets_.back().info.worksheet = is_worksheet(parse_bof(record_, otherwise_));
  }

  /// Its formats stand in the sheet, or with the workbook.
  void finish_bundled_sheet() {
    if (!sheet_shared_) return;
    const bool own = sheet_shared_->has_cell_formats();
    const auto globals = sheet_shared_->finish();
    if (!own) globals->formats = bundle_->formats;
    sheets_.back().globals = globals;
    sheet_shared_.reset();
  }

  RecordReader records_;
  BiffVersion otherwise_;
  Record record_;
  std::optional<SharedRecords> shared_;
  std::shared_ptr<XlsGlobals> bundle_;         ///< of a workbook of BIFF4
  std::optional<SharedRecords> sheet_shared_;  ///< of the sheet at hand in it
  std::vector<XlsSheet> sheets_;
};

}  // namespace

std::vector<XlsSheet> read_xls_sheets(const ByteSource& stream, BiffVersion otherwise) {
  return GlobalsReader(stream, otherwise).read();
}

}  // namespace prism::sheet
