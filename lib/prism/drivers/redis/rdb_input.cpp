#include <algorithm>
#include <cstring>

#include <prism/base/error.hpp>
#include <prism/drivers/redis/checksum.hpp>
#include <prism/drivers/redis/rdb_input.hpp>

namespace prism::redis {
namespace {

#ifdef PRISM_BLOCK_SIZE
constexpr std::size_t kBlock = PRISM_BLOCK_SIZE;
#else
constexpr std::size_t kBlock = 256 * 1024;
#endif

}  // namespace

RdbInput::RdbInput(ByteSource& source, ByteSink* all, const Cancel& cancel)
    : source_(source), all_(all), cancel_(cancel), block_(kBlock, '\0') {}

void RdbInput::settle() {
  const std::string_view taken = std::string_view(block_).substr(settled_, at_ - settled_);
  settled_ = at_;
  if (taken.empty()) return;
  checksum_ = crc64(taken, checksum_);
  if (all_ != nullptr) all_->write(taken);
  if (copy_ != nullptr) copy_->write(taken);
}

void RdbInput::refill() {
  settle();
  cancel_.check();
  const std::size_t got = source_.read(block_);
  if (got == 0) refuse("cut short");
  before_ += end_;
  at_ = settled_ = 0;
  end_ = got;
}

void RdbInput::fill(std::span<char> into) {
  while (!into.empty()) {
    if (at_ == end_) refill();
    const std::size_t size = std::min(into.size(), end_ - at_);
    std::memcpy(into.data(), block_.data() + at_, size);
    at_ += size;
    into = into.subspan(size);
  }
}

void RdbInput::skip(std::uint64_t size) {
  while (size > 0) {
    if (at_ == end_) refill();
    const auto some = std::min<std::uint64_t>(size, end_ - at_);
    at_ += static_cast<std::size_t>(some);
    size -= some;
  }
}

void RdbInput::copy_to(ByteSink* sink) {
  settle();
  copy_ = sink;
}

void RdbInput::copy_all_to(ByteSink* sink) {
  settle();
  all_ = sink;
}

std::uint64_t RdbInput::checksum() {
  settle();
  return checksum_;
}

void RdbInput::refuse(const std::string& what) const {
  throw Error(ErrorCode::bad_data,
              "RDB: " + what + ", at byte " + std::to_string(offset()) + note_);
}

}  // namespace prism::redis
