#pragma once

#include <filesystem>
#include <string>

#include <prism/base/files.hpp>
#include <prism/drivers/neo4j/connections.hpp>

namespace prism::neo4j {

/// Where the server's LOAD CSV finds files, as this machine sees it: PRISM_NEO4J_IMPORT_DIR. Ours
/// lie in a folder of their own there, which everyone may read and which goes with this object.
class ImportFolder {
 public:
  /// Throws Error(configuration) where none is set, or the server reads no files of it.
  explicit ImportFolder(Connections& connections);

  std::filesystem::path file(const std::string& name) const { return folder_.path() / name; }
  /// What the server calls that file.
  std::string url(const std::string& name) const;

  /// Within quotes the server takes a backslash for the begin of an escape, so that it must be
  /// doubled (db.import.csv.legacy_quote_escaping).
  bool backslash_escapes() const { return backslash_escapes_; }

 private:
  std::string read_back(Connections& connections) const;

  TemporaryFolder folder_;
  bool backslash_escapes_ = false;
};

/// Writes a file of that folder, which everyone may read.
class ImportFile {
 public:
  explicit ImportFile(const std::filesystem::path& file);
  /// Removes it.
  ~ImportFile();
  ImportFile(const ImportFile&) = delete;
  ImportFile& operator=(const ImportFile&) = delete;

  FileWriter& writer() { return writer_; }

 private:
  std::filesystem::path file_;
  FileWriter writer_;
};

}  // namespace prism::neo4j
