#pragma once

#include <string>

#include <prism/base/files.hpp>

namespace prism::files {

/// Something new in a folder, under a temporary name until it takes the place of what was there.
/// A folder holds no more than one, and what a killed process left of one goes when one is made.
class Replacement {
 public:
  /// `path` is what it will be, as messages name it; the folder must stay open.
  Replacement(int folder, std::string path);
  ~Replacement();
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  /// One of these makes it.
  FileDescriptor make_file() const;
  void make_symbolic_link(const std::string& target) const;
  void make_hard_link(int folder, const std::string& entry) const;

  /// Who opens `entry` gets the old or the new one. Throws Error(refused) when a folder is there
  /// that isn't empty.
  void put_in_place(const std::string& entry) const;

 private:
  int folder_;
  std::string path_;
};

}  // namespace prism::files
