#include <algorithm>

#include <isa-l/igzip_lib.h>

#include <prism/base/error.hpp>
#include <prism/drivers/consul/gunzip.hpp>

namespace prism::consul {
namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;

Error damage(const char* what) {
  return {ErrorCode::bad_data, std::string("Consul snapshot: the gzip file ") + what};
}

}  // namespace

Gunzip::Gunzip(ByteSource& packed)
    : packed_(packed), buffer_(kPiece), state_(std::make_unique<inflate_state>()) {
  isal_inflate_init(state_.get());
  state_->crc_flag = ISAL_GZIP;
}

Gunzip::~Gunzip() = default;

std::size_t Gunzip::read(std::span<char> into) {
  const auto room = static_cast<std::uint32_t>(std::min(into.size(), kPiece));
  state_->next_out = reinterpret_cast<unsigned char*>(into.data());
  state_->avail_out = room;
  while (!ended_ && state_->avail_out == room) {
    const bool is_whole = state_->avail_in == 0 && !feed();
    const int code = isal_inflate(state_.get());
    if (code == ISAL_INCORRECT_CHECKSUM) throw damage("has a wrong checksum");
    if (code != ISAL_DECOMP_OK && code != ISAL_END_INPUT) throw damage("is damaged");
    if (state_->block_state == ISAL_BLOCK_FINISH) {
      require_end();
    } else if (is_whole && state_->avail_out == room) {
      throw damage("is cut off");
    }
  }
  return room - state_->avail_out;
}

bool Gunzip::feed() {
  const std::size_t got = packed_.read(buffer_);
  state_->next_in = reinterpret_cast<unsigned char*>(buffer_.data());
  state_->avail_in = static_cast<std::uint32_t>(got);
  return got > 0;
}

void Gunzip::require_end() {
  ended_ = true;
  if (state_->avail_in > 0 || packed_.read(buffer_) > 0) throw damage("goes on behind its end");
}

}  // namespace prism::consul
