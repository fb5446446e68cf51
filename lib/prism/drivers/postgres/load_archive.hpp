#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>
#include <prism/drivers/postgres/tool_run.hpp>

namespace prism::postgres {

/// Puts the archive of a target into a database, by pg_restore.
class ArchiveLoader {
 public:
  /// `arguments` go with every call of it.
  ArchiveLoader(Tool pg_restore, ToolAddress address, std::vector<std::string> arguments,
                const Cancel& cancel)
      : tool_(std::move(pg_restore)),
        address_(std::move(address)),
        arguments_(std::move(arguments)),
        cancel_(cancel) {}

  /// All of it, or the sections that `arguments` name, as it is read.
  void load(backup::ArtifactReader& artifacts, std::vector<std::string> arguments);

  /// Tables, functions and all else that comes before the data. `head` is the beginning of the
  /// archive, which is all that it takes.
  void begin(const std::filesystem::path& head);

  /// Indexes, constraints and all else that comes behind it, side by side.
  void finish(const std::filesystem::path& head, std::size_t jobs);

 private:
  void run(std::vector<std::string> arguments, ByteSource* input);

  Tool tool_;
  ToolAddress address_;
  std::vector<std::string> arguments_;
  const Cancel& cancel_;
};

}  // namespace prism::postgres
