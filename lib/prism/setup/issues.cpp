#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/setup/issues.hpp>

namespace prism::setup {
namespace {

constexpr std::uint64_t kShownOfAKind = 20;

std::string reject_line(const gellish::Issue& issue) {
  std::string line;
  for (const std::string& field : {issue.source.file, issue.source.sheet, std::to_string(issue.row),
                                   std::to_string(issue.column), issue.value, issue.reason}) {
    append_csv_field(line, field);
    line += ',';
  }
  line.back() = '\n';
  return line;
}

}  // namespace

IssueCollector::IssueCollector(Log& log, std::filesystem::path rejects_file)
    : log_(log), rejects_file_(std::move(rejects_file)) {}

IssueCollector::~IssueCollector() {
  if (!writer_) return;
  std::error_code ignored;
  std::filesystem::remove(unfinished(), ignored);
}

void IssueCollector::show(const std::string& kind, const gellish::Issue& issue) {
  if (++shown_[kind] <= kShownOfAKind) log_.warning(kind + describe(issue));
}

void IssueCollector::warning(const gellish::Issue& issue) {
  ++warnings_;
  show("", issue);
}

void IssueCollector::reject(const gellish::Issue& issue) {
  if (!writer_) {
    writer_ = std::make_unique<FileWriter>(unfinished());
    writer_->buffer() = "file,sheet,row,column,value,reason\n";
  }
  ++rejected_;
  show("row rejected: ", issue);
  writer_->buffer() += reject_line(issue);
  writer_->flush_if_full();
}

void IssueCollector::finish() {
  for (const auto& [kind, count] : shown_) {
    if (count <= kShownOfAKind) continue;
    log_.warning(fmt::format("{}{} more like these are not shown", kind,
                             with_separators(count - kShownOfAKind)));
  }
  if (!writer_) return;
  writer_->close();
  writer_.reset();
  std::filesystem::rename(unfinished(), rejects_file_);
}

void require_none_rejected(const IssueCollector& issues, bool strict) {
  if (!strict || issues.rejected() == 0) return;
  throw Error(
      ErrorCode::bad_data,
      fmt::format("{} {} rejected, and --strict allows none", with_separators(issues.rejected()),
                  issues.rejected() == 1 ? "row was" : "rows were"),
      "they are listed with their reasons in " + issues.rejects_file().string() +
          "; nothing was loaded");
}

}  // namespace prism::setup
