#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/nameless_file.hpp>
#include <prism/base/spool.hpp>

namespace prism {
namespace {

constexpr std::size_t kBuffer = 1U << 20;
constexpr const char* kWhat = "a temporary file in $TMPDIR";

/// What is left of the file and then of the buffer, a block at a time.
class Reader {
 public:
  Reader(int file, std::string_view buffer) : file_(file), buffer_(buffer) {}

  /// The next bytes, empty when there are not so many.
  std::string_view take(std::size_t size) {
    while (held_.size() - at_ < size) {
      if (!more()) return {};
    }
    const std::string_view found = std::string_view(held_).substr(at_, size);
    at_ += size;
    return found;
  }

 private:
  bool more() {
    held_.erase(0, at_);
    at_ = 0;
    return more_of_file() || more_of_buffer();
  }

  bool more_of_file() {
    if (file_ < 0) return false;
    const std::size_t before = held_.size();
    held_.resize(before + kBuffer);
    const ssize_t got = ::pread(file_, held_.data() + before, kBuffer, offset_);
    held_.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0) throw system_error(errno, kWhat);
    offset_ += got;
    return got > 0;
  }

  bool more_of_buffer() {
    held_.append(buffer_);
    return !std::exchange(buffer_, {}).empty();
  }

  int file_;
  std::string_view buffer_;
  std::string held_;
  std::size_t at_ = 0;
  off_t offset_ = 0;
};

}  // namespace

void Spool::add(std::string_view head, std::string_view rest) {
  const auto size = static_cast<std::uint32_t>(head.size() + rest.size());
  buffer_.append(reinterpret_cast<const char*>(&size), sizeof size);
  buffer_.append(head);
  buffer_.append(rest);
  bytes_ += size;
  if (buffer_.size() >= kBuffer) flush();
}

void Spool::flush() {
  if (!file_.valid()) file_ = nameless_file({});
  for (std::string_view left = buffer_; !left.empty();) {
    const ssize_t written = ::write(file_.get(), left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw write_error(errno, kWhat);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

void Spool::each(const std::function<void(std::string_view entry)>& take) {
  Reader reader(file_.valid() ? file_.get() : -1, buffer_);
  std::uint32_t size = 0;
  for (;;) {
    const std::string_view head = reader.take(sizeof size);
    if (head.empty()) return;
    std::memcpy(&size, head.data(), sizeof size);
    take(reader.take(size));
  }
}

}  // namespace prism
