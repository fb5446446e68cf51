#pragma once

#include <memory>
#include <string>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/base/files.hpp>
#include <prism/base/tar_writer.hpp>
#include <prism/drivers/files/owners.hpp>
#include <prism/drivers/files/tally.hpp>
#include <prism/drivers/files/walk.hpp>

struct archive_entry_linkresolver;

namespace prism::files {

/// Puts what is found into a tar archive. A file that changes meanwhile gets the size that it had
/// at first: what is too much is cut off, what is missing becomes zeros.
class Dumper {
 public:
  /// All must live as long as this.
  Dumper(ByteSink& sink, const RootFolder& root, const Cancel& cancel);

  /// Throws Error(permission) for a file that may not be read.
  void add(const Found& found);
  /// Ends the archive, not the sink.
  Tally finish();

 private:
  struct FreeEntry {
    void operator()(archive_entry* entry) const;
  };
  struct FreeResolver {
    void operator()(archive_entry_linkresolver* resolver) const;
  };
  using Entry = std::unique_ptr<archive_entry, FreeEntry>;

  Entry entry_for(const std::string& name, const struct stat& state);
  void add_folder(const Found& found);
  void add_link(const Found& found);
  void add_file(const Found& found);
  void add_content(Entry entry, int file, const struct stat& state, const std::string& name);
  /// Whether the file was as long as that.
  bool copy(int file, std::uint64_t size, const std::string& name);
  FileDescriptor open(const Found& found) const;

  const RootFolder& root_;
  const Cancel& cancel_;
  Owners owners_;
  Tally tally_;
  std::vector<char> buffer_;
  std::unique_ptr<archive_entry_linkresolver, FreeResolver> hard_links_;
  TarWriter tar_;
};

}  // namespace prism::files
