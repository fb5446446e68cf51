#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/sheet/input_file.hpp>

namespace prism::sheet {

InputFile::InputFile(std::filesystem::path path) : path_(std::move(path)) {
  // Without O_NONBLOCK the opening of a FIFO would wait for its writer.
  fd_ = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd_.valid()) throw system_error(errno, name());
  struct stat status;
  if (::fstat(fd_.get(), &status) != 0) throw system_error(errno, name());
  if (S_ISDIR(status.st_mode)) {
    throw Error(ErrorCode::bad_data, name() + ": found a folder, expected a workbook");
  }
  if (!S_ISREG(status.st_mode)) {
    throw Error(ErrorCode::bad_data, name() + ": found no regular file, expected a workbook");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

std::size_t InputFile::read(std::uint64_t offset, std::span<unsigned char> out) const {
  std::size_t done = 0;
  while (done < out.size() && offset + done < size_) {
    const auto got =
        ::pread(fd_.get(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw system_error(errno, name());
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

}  // namespace prism::sheet
