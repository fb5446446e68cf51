#include <array>
#include <string>
#include <utility>
#include <vector>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/opc_package.hpp>
#include <prism/sheet/opened.hpp>
#include <prism/sheet/read_ahead.hpp>
#include <prism/sheet/sorted_rows.hpp>
#include <prism/sheet/xlsx_globals.hpp>
#include <prism/sheet/xlsx_rows.hpp>
#include <prism/sheet/xlsx_workbook.hpp>
#include <prism/sheet/zip_archive.hpp>

namespace prism::sheet {
namespace {

[[noreturn]] void throw_not_a_workbook(std::string_view found) {
  throw Damage("not a workbook: found " + std::string(found) + ", expected .xls, .xlsx or .csv");
}

/// What lies in a zip archive that is no Office Open XML package.
std::string_view kind_of(const ZipArchive& archive) {
  if (archive.contains("Index/Document.iwa")) return "an Apple Numbers document";
  if (!archive.contains("mimetype")) return "a zip archive without a workbook";
  std::array<char, 128> start;
  const std::size_t size = archive.open("mimetype")->read(start);
  const std::string_view type(start.data(), size);
  return type.starts_with("application/vnd.oasis.opendocument.spreadsheet")
             ? "an OpenDocument spreadsheet (.ods)"
             : "an archive of another kind";
}

/// Refuses by name the documents that are packages too.
void check_content_type(const std::string& part, std::string_view type) {
  const auto holds = [type](std::string_view word) { return type.find(word) != type.npos; };
  if (holds("sheet.binary") || part.ends_with(".bin")) {
    throw_not_a_workbook("a binary workbook (.xlsb)");
  }
  if (holds("wordprocessingml") || holds("ms-word")) throw_not_a_workbook("a Word document");
  if (holds("presentationml")) throw_not_a_workbook("a PowerPoint presentation");
}

/// [ECMA-376] part 1, section 12.2: the package's relationship `officeDocument` names the workbook.
std::string find_workbook_part(const ZipArchive& archive) {
  const auto relationships = read_relationships(archive, "");
  const Relationship* document = find_by_type(relationships, "officeDocument");
  if (document == nullptr) throw_not_a_workbook(kind_of(archive));
  check_content_type(document->target, content_type(archive, document->target));
  return document->target;
}

class XlsxWorkbook : public Workbook {
 public:
  XlsxWorkbook(std::unique_ptr<ByteSource> file, std::string name)
      : file_(std::move(file)),
        name_(std::move(name)),
        archive_(*file_),
        workbook_part_(find_workbook_part(archive_)),
        relationships_(read_relationships(archive_, workbook_part_)),
        sheets_(read_xlsx_sheets(archive_, workbook_part_, relationships_)) {}

  std::string_view format() const override { return "xlsx"; }
  std::span<const SheetInfo> sheets() const override { return sheets_.infos; }
  std::unique_ptr<RowReader> rows(std::size_t sheet, RowOrder order) override;

 private:
  /// What cells refer to.
  struct Shared {
    CellFormats formats;
    StringArena strings;
  };

  const Shared& shared();
  /// The part of that type, when there is one: both styles and shared strings are optional.
  const Relationship* part_of_type(std::string_view type) const;

  std::unique_ptr<ByteSource> file_;
  std::string name_;
  ZipArchive archive_;
  std::string workbook_part_;
  std::vector<Relationship> relationships_;
  XlsxSheets sheets_;
  std::unique_ptr<Shared> shared_;
};

const Relationship* XlsxWorkbook::part_of_type(std::string_view type) const {
  const Relationship* found = find_by_type(relationships_, type);
  return found != nullptr && archive_.contains(found->target) ? found : nullptr;
}

/// Not read before rows are wanted: the list of the sheets does not need them.
const XlsxWorkbook::Shared& XlsxWorkbook::shared() {
  if (shared_) return *shared_;
  auto loaded = std::make_unique<Shared>();
  if (const auto* part = part_of_type("styles")) {
    read_xlsx_styles(archive_, part->target, loaded->formats);
  }
  if (const auto* part = part_of_type("sharedStrings")) {
    read_xlsx_strings(archive_, part->target, loaded->strings);
  }
  shared_ = std::move(loaded);
  return *shared_;
}

std::unique_ptr<RowReader> XlsxWorkbook::rows(std::size_t sheet, RowOrder order) {
  const SheetInfo& info = sheets_.infos.at(sheet);
  std::string where = name_ + ": sheet " + in_quotes(info.name);
  if (!info.worksheet) {
    throw Error(ErrorCode::bad_data,
                where + ": found a chart, macro or dialog sheet, expected a worksheet");
  }
  try {
    const XlsxCells cells{shared().strings, shared().formats, sheets_.date1904};
    auto part = read_ahead(archive_.open(sheets_.parts[sheet], PartUse::streamed));
    auto rows = std::make_unique<XlsxRows>(std::move(part), cells, order, where);
    if (order == RowOrder::streamed) return rows;
    return std::make_unique<SortedRows>(std::move(rows), where);
  } catch (const Damage& damage) {
    throw Error(ErrorCode::bad_data, where + ": " + damage.what());
  }
}

}  // namespace

std::unique_ptr<Workbook> open_xlsx(std::unique_ptr<ByteSource> file, const std::string& name) {
  return opened(name, [&] { return std::make_unique<XlsxWorkbook>(std::move(file), name); });
}

}  // namespace prism::sheet
