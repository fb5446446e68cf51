#include <numeric>
#include <utility>

#include <prism/sheet/rc4.hpp>

namespace prism::sheet {

Rc4::Rc4(Bytes key) {
  std::iota(state_.begin(), state_.end(), std::uint8_t{0});
  std::uint8_t j = 0;
  for (std::size_t i = 0; i < state_.size(); ++i) {
    j = static_cast<std::uint8_t>(j + state_[i] + key[i % key.size()]);
    std::swap(state_[i], state_[j]);
  }
}

std::uint8_t Rc4::next() {
  ++i_;
  j_ = static_cast<std::uint8_t>(j_ + state_[i_]);
  std::swap(state_[i_], state_[j_]);
  return state_[static_cast<std::uint8_t>(state_[i_] + state_[j_])];
}

void Rc4::apply(std::span<unsigned char> data) {
  for (unsigned char& byte : data) byte ^= next();
}

void Rc4::skip(std::uint64_t count) {
  for (; count > 0; --count) next();
}

}  // namespace prism::sheet
