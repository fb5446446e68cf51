#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>

namespace prism::sqlite {

struct ComponentOptions {
  std::filesystem::path file;
  std::filesystem::path scratch_folder;       ///< for a copy as large as the file; empty: $TMPDIR
  std::chrono::milliseconds busy_wait{5000};  ///< how long to wait for another's transaction
};

/// An SQLite file as a target. Its artifact `db` is the file itself, at one moment, without a
/// write-ahead log; counted are the rows of each table. A restore goes by SQLite into the file that
/// is there, under the eyes of those who use it; a damaged one is replaced as a file. The file may
/// be a link to another.
std::unique_ptr<backup::Component> open_component(ComponentOptions options, Log& log,
                                                  const Cancel& cancel);

}  // namespace prism::sqlite
