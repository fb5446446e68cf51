#include <string>
#include <utility>
#include <vector>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/sheet/cfb.hpp>
#include <prism/sheet/opened.hpp>
#include <prism/sheet/sorted_rows.hpp>
#include <prism/sheet/xls_globals.hpp>
#include <prism/sheet/xls_rows.hpp>
#include <prism/sheet/xls_workbook.hpp>

namespace prism::sheet {
namespace {

/// What lies in a compound file that is no workbook.
std::string kind_of(const CompoundFile& container) {
  if (container.contains("WordDocument")) return "a Word document";
  if (container.contains("PowerPoint Document")) return "a PowerPoint presentation";
  if (container.contains("__properties_version1.0")) return "an Outlook message";
  return "an OLE2 file without a workbook";
}

/// Where the records of a workbook lie.
struct WorkbookStream {
  std::unique_ptr<ByteSource> source;
  BiffVersion version;  ///< when the stream itself names none
};

/// Excel 97 and later name the stream `Workbook`, Excel 5 and 95 `Book`; a file may hold both.
WorkbookStream workbook_stream(const CompoundFile& container) {
  if (container.contains("EncryptedPackage")) throw Encrypted();
  if (auto stream = container.stream("Workbook")) {
    return {std::make_unique<CfbStream>(*std::move(stream)), BiffVersion::biff8};
  }
  if (auto stream = container.stream("Book")) {
    return {std::make_unique<CfbStream>(*std::move(stream)), BiffVersion::biff5};
  }
  throw Damage("not a workbook: found " + kind_of(container) + ", expected .xls, .xlsx or .csv");
}

class XlsWorkbook : public Workbook {
 public:
  /// `file`: what the stream reads from, if it does not own it.
  XlsWorkbook(std::unique_ptr<ByteSource> file, WorkbookStream stream, std::string name)
      : file_(std::move(file)),
        stream_(std::move(stream.source)),
        name_(std::move(name)),
        sheets_(read_xls_sheets(*stream_, stream.version)) {
    for (const XlsSheet& sheet : sheets_) infos_.push_back(sheet.info);
  }

  std::string_view format() const override { return "xls"; }
  std::span<const SheetInfo> sheets() const override { return infos_; }
  std::unique_ptr<RowReader> rows(std::size_t sheet, RowOrder order) override;

 private:
  std::unique_ptr<ByteSource> file_;
  std::unique_ptr<ByteSource> stream_;
  std::string name_;
  std::vector<XlsSheet> sheets_;
  std::vector<SheetInfo> infos_;
};

std::unique_ptr<RowReader> XlsWorkbook::rows(std::size_t sheet, RowOrder order) {
  const SheetInfo& info = infos_.at(sheet);
  const std::string where = name_ + ": sheet " + in_quotes(info.name);
  if (!info.worksheet) {
    throw Error(ErrorCode::bad_data,
                where + ": found a chart or macro sheet, expected a worksheet");
  }
  try {
    auto rows = std::make_unique<XlsRows>(*stream_, sheets_[sheet], order, where);
    if (order == RowOrder::streamed) return rows;
    return std::make_unique<SortedRows>(std::move(rows), where);
  } catch (const Damage& damage) {
    throw Error(ErrorCode::bad_data, where + ": " + damage.what());
  }
}

}  // namespace

std::unique_ptr<Workbook> open_xls(std::unique_ptr<ByteSource> file, const std::string& name) {
  return opened(name, [&] {
    WorkbookStream stream = workbook_stream(CompoundFile(*file));
    return std::make_unique<XlsWorkbook>(std::move(file), std::move(stream), name);
  });
}

std::unique_ptr<Workbook> open_bare_xls(std::unique_ptr<ByteSource> file, const std::string& name) {
  return opened(name, [&] {
    WorkbookStream stream{std::move(file), BiffVersion::biff5};
    return std::make_unique<XlsWorkbook>(nullptr, std::move(stream), name);
  });
}

}  // namespace prism::sheet
