#include <cerrno>

#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/file_source.hpp>

namespace prism {

std::size_t FileSource::read(std::span<char> into) {
  for (;;) {
    const ssize_t got = ::read(file_.get(), into.data(), into.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw write_error(errno, name_);
  }
}

}  // namespace prism
