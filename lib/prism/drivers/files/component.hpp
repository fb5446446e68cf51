#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>

namespace prism::files {

struct Options {
  /// Files, folders with all that lies in them, or patterns (glob(3), no shell). What is there
  /// under that very name is meant, not what it matches as a pattern. Relative ones are relative to
  /// the working folder. A symbolic link stands for itself, unless a slash follows.
  std::vector<std::string> paths;
  /// What `/` is for the paths and for the archive; made by a restore when it is not there.
  std::filesystem::path root = "/";
};

/// Files and folders, dumped as one artifact `tar`: a pax archive without compression, in which
/// names lie below the root. Counts are `files`, `folders`, `links` (symbolic ones, and further
/// names of a file) and `bytes` of content. Remarks say how many sockets, devices and pipes were
/// left out, and how many files changed while they were read, of which the archive holds a mixture.
/// Access control lists and extended attributes are not kept, nor fractions of seconds of most
/// times.
PRISM_API std::unique_ptr<backup::Component> open_component(Options options, const Cancel& cancel);

}  // namespace prism::files
