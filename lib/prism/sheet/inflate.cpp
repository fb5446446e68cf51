#include <algorithm>
#include <limits>

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include <prism/sheet/damage.hpp>
#include <prism/sheet/inflate.hpp>

namespace prism::sheet {

void Inflater::Free::operator()(inflate_state* state) const { delete state; }

Inflater::Inflater() : state_(new inflate_state) { isal_inflate_init(state_.get()); }

void Inflater::feed(Bytes packed) {
  // ISA-L does not write there, its header just does not say so.
  state_->next_in = const_cast<unsigned char*>(packed.data());
  state_->avail_in = static_cast<std::uint32_t>(packed.size());
}

bool Inflater::used_up() const { return state_->avail_in == 0; }

std::size_t Inflater::inflate(std::span<char> out) {
  constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
  const auto room = static_cast<std::uint32_t>(std::min(out.size(), kMost));
  state_->next_out = reinterpret_cast<unsigned char*>(out.data());
  state_->avail_out = room;
  const int code = isal_inflate(state_.get());
  if (code != ISAL_DECOMP_OK && code != ISAL_END_INPUT && code != ISAL_OUT_OVERFLOW) {
    throw Damage("its compressed data are invalid");
  }
  return room - state_->avail_out;
}

bool Inflater::finished() const { return state_->block_state == ISAL_BLOCK_FINISH; }

std::uint32_t update_crc32(std::uint32_t crc, std::span<const char> bytes) {
  return crc32_gzip_refl(crc, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

}  // namespace prism::sheet
