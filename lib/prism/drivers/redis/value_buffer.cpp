#include <cerrno>

#include <unistd.h>

#include <prism/base/descriptor.hpp>
#include <prism/base/error.hpp>
#include <prism/base/nameless_file.hpp>
#include <prism/drivers/redis/value_buffer.hpp>

namespace prism::redis {
namespace {

constexpr std::size_t kPiece = 1U << 20;

}  // namespace

ValueBuffer::ValueBuffer(std::filesystem::path scratch_folder)
    : scratch_folder_(std::move(scratch_folder)) {}

void ValueBuffer::begin(std::uint8_t type) {
  memory_.assign(1, static_cast<char>(type));
  file_.reset();
  in_file_ = 0;
}

void ValueBuffer::write(std::string_view bytes) {
  memory_.append(bytes);
  if (memory_.size() > kInMemory) spill();
}

void ValueBuffer::spill() {
  if (!file_.valid()) {
    file_ = nameless_file(scratch_folder_);
  }
  write_all(file_.get(), memory_, "a temporary file for a large value");
  in_file_ += memory_.size();
  memory_.clear();
}

void ValueBuffer::each_piece(const std::function<void(std::string_view)>& take) const {
  std::string piece(in_file_ > 0 ? kPiece : 0, '\0');
  for (std::uint64_t at = 0; at < in_file_;) {
    const ssize_t got = ::pread(file_.get(), piece.data(), piece.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw system_error(got < 0 ? errno : EIO, "a temporary file for a large value");
    take(std::string_view(piece).substr(0, static_cast<std::size_t>(got)));
    at += static_cast<std::uint64_t>(got);
  }
  if (!memory_.empty()) take(memory_);
}

}  // namespace prism::redis
