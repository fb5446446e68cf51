#include <cerrno>

#include <unistd.h>

#include <prism/base/descriptor.hpp>
#include <prism/base/error.hpp>

namespace prism {

void write_all(int fd, std::string_view bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw write_error(errno, name);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void sync_descriptor(int fd, const std::string& name) {
  if (::fsync(fd) != 0 && errno != EINVAL) throw write_error(errno, name);
}

}  // namespace prism
