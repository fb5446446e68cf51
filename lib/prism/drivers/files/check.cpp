#include <unordered_set>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/files/check.hpp>

namespace prism::files {
namespace {

using Names = std::unordered_set<std::string>;

[[noreturn]] void refuse(const std::string& name, const std::string& link) {
  throw Error(ErrorCode::bad_data, "tar: " + in_quotes(name) + " needs a folder " +
                                       in_quotes(link) + ", which is a symbolic link there");
}

void check_folders(const std::string& name, const Names& links) {
  if (links.empty()) return;
  for (auto at = name.find('/'); at != std::string::npos; at = name.find('/', at + 1)) {
    const std::string folder = name.substr(0, at);
    if (links.contains(folder)) refuse(name, folder);
  }
}

void check_place(const TarEntry& entry, Names& links) {
  check_folders(entry.name, links);
  switch (entry.kind) {
    case TarEntry::Kind::folder:
      if (links.contains(entry.name)) refuse(entry.name, entry.name);
      break;
    case TarEntry::Kind::symbolic_link:
      links.insert(entry.name);
      break;
    case TarEntry::Kind::hard_link:
      check_folders(entry.target, links);
      [[fallthrough]];
    case TarEntry::Kind::file:
      links.erase(entry.name);
      break;
  }
}

}  // namespace

Tally check_archive(TarReader& tar) {
  Tally tally;
  Names links;
  while (const auto entry = tar.next()) {
    check_place(*entry, links);
    while (!tar.content().empty()) {
    }
    tally.add(*entry);
  }
  return tally;
}

}  // namespace prism::files
