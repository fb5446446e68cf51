#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/nameless_file.hpp>

namespace prism {

FileDescriptor nameless_file(const std::filesystem::path& folder) {
  const auto where = folder.empty() ? std::filesystem::temp_directory_path() : folder;
  FileDescriptor file(::open(where.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file.valid()) return file;
  // Not every file system knows that flag: NFS doesn't.
  std::string name = (where / "prismctl-XXXXXX").string();
  FileDescriptor named(::mkostemp(name.data(), O_CLOEXEC));
  if (!named.valid()) throw write_error(errno, where.string());
  ::unlink(name.c_str());
  return named;
}

}  // namespace prism
