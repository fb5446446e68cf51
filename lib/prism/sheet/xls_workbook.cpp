#include <string>
#include <utility>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/sheet/cfb.hpp>
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

/// Excel 97 and later name the stream `Workbook`, Excel 5 and 95 `Book`; a file may hold both.
CfbStream workbook_stream(const CompoundFile& container) {
  if (container.contains("EncryptedPackage")) {
    throw Damage("encrypted: the workbook is protected by a password");
  }
  for (const char* name : {"Workbook", "Book"}) {
    if (auto stream = container.stream(name)) return *std::move(stream);
  }
  throw Damage("not a workbook: found " + kind_of(container) + ", expected .xls, .xlsx or .csv");
}

class XlsWorkbook : public Workbook {
 public:
  XlsWorkbook(std::unique_ptr<ByteSource> file, std::string name)
      : file_(std::move(file)),
        name_(std::move(name)),
        stream_(workbook_stream(CompoundFile(*file_))) {
    read_xls_globals(stream_, globals_);
  }

  std::string_view format() const override { return "xls"; }
  std::span<const SheetInfo> sheets() const override { return globals_.sheets; }
  std::unique_ptr<RowReader> rows(std::size_t sheet, RowOrder order) override;

 private:
  std::unique_ptr<ByteSource> file_;
  std::string name_;
  CfbStream stream_;
  XlsGlobals globals_;
};

std::unique_ptr<RowReader> XlsWorkbook::rows(std::size_t sheet, RowOrder) {
  const SheetInfo& info = globals_.sheets.at(sheet);
  const std::string where = name_ + ": sheet " + in_quotes(info.name);
  if (!info.worksheet) {
    throw Error(ErrorCode::bad_data,
                where + ": found a chart or macro sheet, expected a worksheet");
  }
  try {
    return std::make_unique<XlsRows>(stream_, globals_, globals_.offsets[sheet], where);
  } catch (const Damage& damage) {
    throw Error(ErrorCode::bad_data, where + ": " + damage.what());
  }
}

}  // namespace

std::unique_ptr<Workbook> open_xls(std::unique_ptr<ByteSource> file, const std::string& name) {
  try {
    return std::make_unique<XlsWorkbook>(std::move(file), name);
  } catch (const Damage& damage) {
    throw Error(ErrorCode::bad_data, name + ": " + damage.what());
  }
}

}  // namespace prism::sheet
