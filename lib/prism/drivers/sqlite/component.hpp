#pragma once

#include <filesystem>
#include <memory>

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>

namespace prism::sqlite {

struct ComponentOptions {
  std::filesystem::path file;
  std::filesystem::path scratch_folder;  ///< for a copy as large as the file; empty: $TMPDIR
};

/// An SQLite file as a target. Its artifact `db` is the file itself, at one moment, without a
/// write-ahead log; counted are the rows of each table.
std::unique_ptr<backup::Component> open_component(ComponentOptions options, const Cancel& cancel);

}  // namespace prism::sqlite
