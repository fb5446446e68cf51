#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <prism/gellish/fact.hpp>

namespace prism::store {

/// One of the files that FactFiles made.
struct FactFile {
  std::string name;
  std::uint64_t rows = 0;  ///< without its header; of a file that holds no rows: 0
};

/// Files that a database loads by a tool of its own, with the content that a load of the same facts
/// into it would have. Used by one thread.
class FactFiles {
 public:
  virtual ~FactFiles() = default;

  /// Names of the files, the same for any facts.
  virtual std::vector<std::string> names() const = 0;

  /// Begins to write them in the folder. `unknown` are the columns without a property that facts
  /// may have (FactLayout::extra).
  virtual void open(const std::filesystem::path& folder,
                    const std::vector<gellish::ColumnId>& unknown) = 0;

  /// Facts with permanent UIDs, none of which came before.
  virtual void add(const gellish::FactBatch& batch) = 0;

  /// Makes the files complete and durable.
  virtual std::vector<FactFile> finish() = 0;

  /// What is to be done with them, in words for people.
  virtual std::string next_step(const std::filesystem::path& folder) const = 0;
};

}  // namespace prism::store
