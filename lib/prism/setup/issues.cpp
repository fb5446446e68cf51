#include <fstream>

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

std::string_view kind_of(bool rejected) { return rejected ? "row rejected: " : ""; }

void append_file(FileWriter& writer, const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string line;
  while (std::getline(in, line)) {
    writer.buffer() += line + '\n';
    writer.flush_if_full();
  }
}

}  // namespace

IssueSpool::~IssueSpool() {
  if (!writer_) return;
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

void IssueSpool::warning(const gellish::Issue& issue) {
  if (++warnings_ <= kShownOfAKind) shown_.push_back({false, describe(issue)});
}

void IssueSpool::reject(const gellish::Issue& issue) {
  if (++rejected_ <= kShownOfAKind) shown_.push_back({true, describe(issue)});
  if (!writer_) writer_ = std::make_unique<FileWriter>(file_);
  writer_->buffer() += reject_line(issue);
  writer_->flush_if_full();
}

IssueCollector::IssueCollector(Log& log, std::filesystem::path rejects_file)
    : log_(log), rejects_file_(std::move(rejects_file)) {}

IssueCollector::~IssueCollector() {
  if (!writer_) return;
  std::error_code ignored;
  std::filesystem::remove(unfinished(), ignored);
}

void IssueCollector::show(bool rejected, const std::string& text) {
  std::uint64_t& shown = rejected ? shown_rejects_ : shown_warnings_;
  if (++shown <= kShownOfAKind) log_.warning(fmt::format("{}{}", kind_of(rejected), text));
}

FileWriter& IssueCollector::rejects() {
  if (!writer_) {
    writer_ = std::make_unique<FileWriter>(unfinished());
    writer_->buffer() = "file,sheet,row,column,value,reason\n";
  }
  return *writer_;
}

void IssueCollector::warning(const gellish::Issue& issue) {
  ++warnings_;
  show(false, describe(issue));
}

void IssueCollector::reject(const gellish::Issue& issue) {
  ++rejected_;
  show(true, describe(issue));
  rejects().buffer() += reject_line(issue);
  rejects().flush_if_full();
}

void IssueCollector::take(IssueSpool& spool) {
  warnings_ += spool.warnings_;
  rejected_ += spool.rejected_;
  for (const auto& [rejected, text] : spool.shown_) show(rejected, text);
  if (!spool.writer_) return;
  spool.writer_->close();
  append_file(rejects(), spool.file_);
}

void IssueCollector::finish() {
  const auto tell_of_more = [this](bool rejected, std::uint64_t count) {
    if (count <= kShownOfAKind) return;
    log_.warning(fmt::format("{}{} more like these are not shown", kind_of(rejected),
                             with_separators(count - kShownOfAKind)));
  };
  tell_of_more(false, warnings_);
  tell_of_more(true, rejected_);
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
