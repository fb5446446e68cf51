#include <fmt/format.h>

#include <prism/drivers/files/tally.hpp>
#include <prism/drivers/files/tar_reader.hpp>

namespace prism::files {

void Tally::add(const TarEntry& entry) {
  switch (entry.kind) {
    case TarEntry::Kind::file:
      ++files;
      bytes += entry.size;
      return;
    case TarEntry::Kind::folder:
      ++folders;
      return;
    case TarEntry::Kind::symbolic_link:
    case TarEntry::Kind::hard_link:
      ++links;
      return;
  }
}

backup::Counts Tally::counts() const {
  return {{"files", files}, {"folders", folders}, {"links", links}, {"bytes", bytes}};
}

std::vector<std::string> Tally::remarks() const {
  std::vector<std::string> remarks;
  if (left_out > 0) {
    remarks.push_back(fmt::format("left out, for they are no files: {}", left_out));
  }
  if (changed > 0) remarks.push_back(fmt::format("changed while they were read: {}", changed));
  return remarks;
}

}  // namespace prism::files
