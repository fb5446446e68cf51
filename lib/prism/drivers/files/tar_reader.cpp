#include <prism/drivers/files/tar_entry.hpp>
#include <prism/drivers/files/tar_reader.hpp>

namespace prism::files {

std::optional<TarEntry> TarReader::next() {
  archive_entry* const found = tar_.next();
  if (found == nullptr) return std::nullopt;
  return entry_of(found);
}

}  // namespace prism::files
