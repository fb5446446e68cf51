#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/base/files.hpp>

namespace prism::setup {

/// Which files of a folder `convert` made, kept in the folder itself as `.prismctl-files.json`.
/// The value is the workbook that the file was made from, empty for `rejects.csv`.
using FileList = std::map<std::string, std::string>;

/// Empty where there is no list. Throws Error(bad_data) for a damaged one.
FileList read_file_list(const std::filesystem::path& folder);

/// Where `convert` writes: files are made aside and put in place together.
class OutputFolder {
 public:
  /// Makes the folder where it isn't there.
  explicit OutputFolder(std::filesystem::path folder);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  /// Where files are made.
  const std::filesystem::path& staging() const { return staging_.path(); }
  /// Where to write the file that publish() puts in place.
  std::filesystem::path staged(const std::string& name) const { return staging_.path() / name; }

  /// Throws Error(refused) when the folder holds a file of that name that `convert` did not make.
  void require_ours(const std::string& name) const;

  /// Notes a file as made by `convert` before it is there.
  void claim(const std::string& name);

  /// Puts the staged files in place and removes files that an earlier run made and this one did
  /// not.
  void publish(const FileList& files);

 private:
  void write_list(const FileList& files) const;

  std::filesystem::path folder_;
  bool created_;
  TemporaryFolder staging_;
  FileList before_;
};

}  // namespace prism::setup
