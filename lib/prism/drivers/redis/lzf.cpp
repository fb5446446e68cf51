#include <cstdint>

#include <prism/drivers/redis/lzf.hpp>

namespace prism::redis {
namespace {

class Expander {
 public:
  Expander(std::string_view packed, std::size_t size) : packed_(packed), size_(size) {}

  bool expand() {
    while (at_ < packed_.size()) {
      const auto control = static_cast<std::uint8_t>(packed_[at_++]);
      if (!(control < 32 ? literal(control + 1U) : repeat(control))) return false;
    }
    return out_.size() == size_;
  }

  std::string take() { return std::move(out_); }

 private:
  bool literal(std::size_t count) {
    if (count > packed_.size() - at_ || count > size_ - out_.size()) return false;
    out_.append(packed_, at_, count);
    at_ += count;
    return true;
  }

  bool repeat(std::uint8_t control) {
    std::size_t count = control >> 5;
    const bool is_long = count == 7;
    if (packed_.size() - at_ < (is_long ? 2U : 1U)) return false;
    if (is_long) count += next();
    const std::size_t back = ((control & 0x1fU) << 8 | next()) + 1;
    count += 2;
    if (back > out_.size() || count > size_ - out_.size()) return false;
    // It may overlap what it makes.
    for (; count > 0; --count) out_ += out_[out_.size() - back];
    return true;
  }

  std::size_t next() { return static_cast<std::uint8_t>(packed_[at_++]); }

  std::string_view packed_;
  std::size_t size_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::optional<std::string> lzf_expanded(std::string_view packed, std::size_t size) {
  Expander expander(packed, size);
  return expander.expand() ? std::optional<std::string>(expander.take()) : std::nullopt;
}

}  // namespace prism::redis
