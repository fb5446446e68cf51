#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/files.hpp>
#include <prism/base/log.hpp>
#include <prism/gellish/issue.hpp>

namespace prism::setup {

/// Keeps the issues of one workbook until their turn comes: those that a log would show in memory,
/// every rejected row in a file.
class PRISM_API IssueSpool : public gellish::IssueSink {
 public:
  /// `file` is made where a row is rejected, and removed with this.
  explicit IssueSpool(std::filesystem::path file) : file_(std::move(file)) {}
  ~IssueSpool() override;
  IssueSpool(const IssueSpool&) = delete;
  IssueSpool& operator=(const IssueSpool&) = delete;

  void warning(const gellish::Issue& issue) override;
  void reject(const gellish::Issue& issue) override;

 private:
  friend class IssueCollector;

  struct Shown {
    bool rejected;
    std::string text;
  };

  std::filesystem::path file_;
  std::unique_ptr<FileWriter> writer_;
  std::vector<Shown> shown_;  ///< the first ones of each kind, in the order met
  std::uint64_t warnings_ = 0;
  std::uint64_t rejected_ = 0;
};

/// Logs the issues of a run, the first 20 of a kind, and writes every rejected row to a CSV file
/// (`file,sheet,row,column,value,reason`), which is there only if a row was rejected.
class PRISM_API IssueCollector : public gellish::IssueSink {
 public:
  IssueCollector(Log& log, std::filesystem::path rejects_file);
  ~IssueCollector() override;

  void warning(const gellish::Issue& issue) override;
  void reject(const gellish::Issue& issue) override;

  /// Takes over all issues of a workbook, as if they were met now.
  void take(IssueSpool& spool);

  /// Logs how many issues were not shown, and puts the file of rejected rows in place.
  void finish();

  std::uint64_t warnings() const { return warnings_; }
  std::uint64_t rejected() const { return rejected_; }
  const std::filesystem::path& rejects_file() const { return rejects_file_; }

 private:
  void show(bool rejected, const std::string& text);
  FileWriter& rejects();
  std::filesystem::path unfinished() const { return rejects_file_.string() + ".tmp"; }

  Log& log_;
  std::filesystem::path rejects_file_;
  std::unique_ptr<FileWriter> writer_;
  std::uint64_t shown_warnings_ = 0;
  std::uint64_t shown_rejects_ = 0;
  std::uint64_t warnings_ = 0;
  std::uint64_t rejected_ = 0;
};

/// Throws Error(bad_data) when rows were rejected under --strict.
void require_none_rejected(const IssueCollector& issues, bool strict);

}  // namespace prism::setup
