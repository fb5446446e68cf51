#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>

#include <prism/base/error.hpp>
#include <prism/base/nameless_file.hpp>
#include <prism/blocks/mapped_memory.hpp>

namespace prism::blocks {
namespace {

constexpr const char* kWhat = "a temporary file for the blocks that are known";

/// With room for all of it: a page that finds none later would end the process.
FileDescriptor file_of(std::size_t bytes, const std::filesystem::path& folder) {
  FileDescriptor file = nameless_file(folder);
  const int why = ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes));
  if (why != 0) throw write_error(why, kWhat);
  return file;
}

void* map(std::size_t bytes, int flags, int fd) {
  void* const data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
  if (data == MAP_FAILED) throw write_error(errno, kWhat);
  return data;
}

}  // namespace

MappedMemory::MappedMemory(std::size_t bytes, std::size_t in_memory,
                           const std::filesystem::path& scratch_folder)
    : bytes_(bytes) {
  if (bytes <= in_memory) {
    data_ = map(bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  } else {
    data_ = map(bytes, MAP_SHARED, file_of(bytes, scratch_folder).get());
    ::madvise(data_, bytes, MADV_RANDOM);
  }
}

MappedMemory::MappedMemory(MappedMemory&& other) noexcept
    : bytes_(other.bytes_), data_(std::exchange(other.data_, nullptr)) {}

MappedMemory& MappedMemory::operator=(MappedMemory&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(data_, other.data_);
  return *this;
}

MappedMemory::~MappedMemory() {
  if (data_ != nullptr) ::munmap(data_, bytes_);
}

}  // namespace prism::blocks
