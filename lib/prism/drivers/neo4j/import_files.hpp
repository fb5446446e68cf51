#pragma once

#include <memory>
#include <string>
#include <vector>

#include <prism/base/files.hpp>
#include <prism/store/fact_files.hpp>
#include <prism/uid/uid_set.hpp>

namespace prism::neo4j {

/// The graph of facts as `neo4j-admin database import full` takes it into an empty database, with
/// the server stopped: nodes and relationships in CSV, and a file of that command's arguments.
/// Texts are always in quotes, which the tool needs for none but is never wrong; a backslash is no
/// escape there, unlike in LOAD CSV. Keeps the UIDs of all entities.
class PRISM_API ImportFiles : public store::FactFiles {
 public:
  std::vector<std::string> names() const override;
  void open(const std::filesystem::path& folder,
            const std::vector<gellish::ColumnId>& unknown) override;
  void add(const gellish::FactBatch& batch) override;
  std::vector<store::FactFile> finish() override;
  std::string next_step(const std::filesystem::path& folder) const override;

 private:
  /// Where a batch has a property's value, or -1.
  using Places = std::vector<int>;

  std::string fact_header() const;
  void add_fact(const gellish::FactBatch& batch, std::size_t row, const Places& places);
  void add_value(const gellish::Value& value, bool text);
  void add_unknown(const gellish::Value& extra);
  void add_text(std::string_view text);
  void write_entities();
  void write_arguments();

  std::filesystem::path folder_;
  std::vector<gellish::ColumnId> unknown_;
  std::unique_ptr<FileWriter> facts_;
  std::unique_ptr<FileWriter> left_;
  std::unique_ptr<FileWriter> right_;
  std::uint64_t rows_ = 0;
  uid::UidSet entities_;
  bool line_breaks_ = false;      ///< some text has one
  std::size_t longest_text_ = 0;  ///< in the file, in bytes
};

}  // namespace prism::neo4j
