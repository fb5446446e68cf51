#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include <prism/base/files.hpp>
#include <prism/base/log.hpp>
#include <prism/gellish/issue.hpp>

namespace prism::setup {

/// Logs the issues of a run, the first 20 of a kind, and writes every rejected row to a CSV file
/// (`file,sheet,row,column,value,reason`), which is there only if a row was rejected.
class PRISM_API IssueCollector : public gellish::IssueSink {
 public:
  IssueCollector(Log& log, std::filesystem::path rejects_file);
  ~IssueCollector() override;

  void warning(const gellish::Issue& issue) override;
  void reject(const gellish::Issue& issue) override;

  /// Logs how many issues were not shown, and puts the file of rejected rows in place.
  void finish();

  std::uint64_t warnings() const { return warnings_; }
  std::uint64_t rejected() const { return rejected_; }
  const std::filesystem::path& rejects_file() const { return rejects_file_; }

 private:
  void show(const std::string& kind, const gellish::Issue& issue);
  std::filesystem::path unfinished() const { return rejects_file_.string() + ".tmp"; }

  Log& log_;
  std::filesystem::path rejects_file_;
  std::unique_ptr<FileWriter> writer_;
  std::map<std::string, std::uint64_t> shown_;  ///< how often each kind was met
  std::uint64_t warnings_ = 0;
  std::uint64_t rejected_ = 0;
};

/// Throws Error(bad_data) when rows were rejected under --strict.
void require_none_rejected(const IssueCollector& issues, bool strict);

}  // namespace prism::setup
