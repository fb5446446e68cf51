#include <algorithm>
#include <cerrno>

#include <archive.h>

#include <prism/base/tar_input.hpp>

namespace prism {

TarInput::TarInput(ByteSource& source) : source_(source), buffer_(64 * 1024) {}

ssize_t TarInput::give(archive* tar, void* self, const void** block) {
  auto& input = *static_cast<TarInput*>(self);
  try {
    *block = input.buffer_.data();
    return static_cast<ssize_t>(input.read());
  } catch (...) {
    input.failure_ = std::current_exception();
  }
  archive_set_error(tar, EIO, "the source failed");
  return -1;
}

void TarInput::rethrow() const {
  if (failure_) std::rethrow_exception(failure_);
}

void TarInput::read_to_end() {
  while (read() > 0) {
  }
}

std::size_t TarInput::read() {
  const std::size_t got = source_.read(buffer_);
  const auto end = std::make_reverse_iterator(buffer_.begin() + static_cast<std::ptrdiff_t>(got));
  const auto last = std::find_if(end, buffer_.rend(), [](char c) { return c != '\0'; });
  if (last != buffer_.rend()) {
    meaning_ = size_ + static_cast<std::uint64_t>(buffer_.rend() - last);
  }
  size_ += got;
  return got;
}

}  // namespace prism
