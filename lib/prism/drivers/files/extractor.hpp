#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sys/stat.h>

#include <prism/base/files.hpp>
#include <prism/drivers/files/owners.hpp>
#include <prism/drivers/files/root_folder.hpp>
#include <prism/drivers/files/tar_reader.hpp>

namespace prism::files {

/// Puts the entries of an archive below a root. Owners are set by root only, by their names where
/// they have some. What else lies there stays.
class Extractor {
 public:
  /// Must live as long as this.
  explicit Extractor(const RootFolder& root);

  /// `content` gives the next piece of a file's, empty at its end. Throws Error(refused) where a
  /// symbolic link is where a folder is needed.
  void put(const TarEntry& entry, const std::function<std::string_view()>& content);

  /// Gives the folders their owners, modes and times, which would hinder or be changed before.
  void finish();

 private:
  int folder_of(const std::string& name);
  void leave_folder();
  void put_file(const TarEntry& entry, const std::function<std::string_view()>& content);
  void put_symbolic_link(const TarEntry& entry);
  void put_hard_link(const TarEntry& entry);
  void put_folder(const TarEntry& entry);
  void open_up(int parent, const std::string& name, const struct stat& state) const;
  void finish_folder(const TarEntry& entry);
  void set_owner(int fd, const char* entry, const TarEntry& of);
  void set_time(int fd, const char* entry, const TarEntry& of) const;

  const RootFolder& root_;
  bool is_root_user_;
  Owners owners_;
  std::vector<TarEntry> folders_;
  FileDescriptor folder_;    ///< the last one that something was put into
  std::string folder_name_;  ///< of that
};

}  // namespace prism::files
