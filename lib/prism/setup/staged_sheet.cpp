#include <string>

#include <prism/base/text.hpp>
#include <prism/setup/staged_sheet.hpp>
#include <prism/sheet/choose_sheet.hpp>
#include <prism/sheet/raw_csv.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::setup {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kReportEvery = 4096;

/// Writes one sheet to its CSV file.
class SheetStager {
 public:
  SheetStager(const ConvertOptions& options, const fs::path& csv, const Cancel& cancel,
              const std::function<void(std::uint64_t)>& advance)
      : options_(options), csv_(csv), cancel_(cancel), advance_(advance) {}

  StagedSheet stage(const fs::path& path) {
    staged_.file = {csv_.filename().string(), path.filename().string(), {}, 0};
    const auto workbook = sheet::open_workbook(
        path, options_.raw ? sheet::FieldCount::any : sheet::FieldCount::as_header);
    const std::size_t index = sheet::choose_sheet(*workbook, staged_.file.workbook, options_.sheet);
    staged_.file.sheet = workbook->sheets()[index].name;
    try {
      write(*workbook, *workbook->rows(index));
    } catch (const sheet::RowsOutOfOrder&) {
      write(*workbook, *workbook->rows(index, sheet::RowOrder::sorted));
    }
    return std::move(staged_);
  }

 private:
  void write(const sheet::Workbook& workbook, sheet::RowReader& rows) {
    staged_.file.facts = 0;
    staged_.issues = std::make_unique<IssueSpool>(csv_.string() + ".rejects");
    FileWriter writer(csv_);
    writer.write_behind();
    if (options_.raw) {
      write_raw(rows, writer);
    } else {
      write_facts(workbook, rows, writer);
    }
    writer.close();
  }

  void write_raw(sheet::RowReader& rows, FileWriter& writer) {
    sheet::RawCsv csv;
    sheet::Row row;
    while (rows.next(row)) {
      csv.append(writer.buffer(), row);
      writer.flush_if_full();
      count();
    }
  }

  void write_facts(const sheet::Workbook& workbook, sheet::RowReader& rows, FileWriter& writer) {
    const auto form =
        workbook.format() == "csv" ? gellish::TableForm::csv : gellish::TableForm::workbook;
    gellish::Table table(rows, {staged_.file.workbook, staged_.file.sheet}, form, *staged_.issues);
    staged_.scan.emplace(table.header(), options_.limits);
    write_header(writer, table.header());
    const gellish::RowCheck check(table.header());
    gellish::Record record;
    while (table.next(record)) {
      if (record.row() % kReportEvery == 0) cancel_.check();
      if (const int fault = check.fault(record); fault >= 0) {
        staged_.issues->reject(check.issue(table, record, fault));
        continue;
      }
      write_record(writer, record);
      staged_.scan->add(record);
      count();
    }
  }

  void count() {
    if (++staged_.file.facts % kReportEvery != 0) return;
    cancel_.check();
    advance_(kReportEvery);
  }

  const ConvertOptions& options_;
  const fs::path& csv_;
  const Cancel& cancel_;
  const std::function<void(std::uint64_t)>& advance_;
  StagedSheet staged_;
};

}  // namespace

StagedSheet stage_sheet(const ConvertOptions& options, const fs::path& workbook,
                        const fs::path& csv, const Cancel& cancel,
                        const std::function<void(std::uint64_t)>& advance) {
  return SheetStager(options, csv, cancel, advance).stage(workbook);
}

void write_header(FileWriter& writer, const gellish::Header& header) {
  std::string& out = writer.buffer();
  for (const gellish::Column& column : header.columns) out += std::to_string(column.id) + ',';
  out.back() = '\n';
}

void write_record(FileWriter& writer, const gellish::Record& record) {
  std::string& out = writer.buffer();
  for (const gellish::Field& field : record.fields()) {
    append_csv_field(out, field.text);
    out += ',';
  }
  out.back() = '\n';
  writer.flush_if_full();
}

}  // namespace prism::setup
