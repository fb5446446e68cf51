#include <algorithm>
#include <array>
#include <cstring>

#include <prism/sheet/block_size.hpp>
#include <prism/sheet/xml_bytes.hpp>

namespace prism::sheet {
namespace {

constexpr std::size_t kChunk = kBlockSize / 16;

}  // namespace

std::size_t XmlBytes::read(std::span<char> out) {
  if (!encoding_) recognise();
  while (pending_at_ == pending_.size() && is_utf16()) {
    if (!transcode()) return 0;
  }
  return pending_at_ < pending_.size() ? take_pending(out) : in_->read(out);
}

void XmlBytes::recognise() {
  std::array<char, 1024> start;
  std::size_t size = 0;
  while (size < start.size()) {
    const std::size_t got = in_->read(std::span(start).subspan(size));
    if (got == 0) break;
    size += got;
  }
  const Bytes bytes(reinterpret_cast<const unsigned char*>(start.data()), size);
  const auto [encoding, mark] = detect_encoding(bytes);
  const Bytes rest = bytes.subspan(mark);
  encoding_ = encoding;
  if (is_utf16()) {
    units_.assign(rest.begin(), rest.end());
  } else {
    append_text(pending_, {start.data() + mark, rest.size()});
  }
}

std::size_t XmlBytes::take_pending(std::span<char> out) {
  const std::size_t count = std::min(out.size(), pending_.size() - pending_at_);
  std::memcpy(out.data(), pending_.data() + pending_at_, count);
  pending_at_ += count;
  return count;
}

/// Takes the next chunk of UTF-16. False at the end.
bool XmlBytes::transcode() {
  pending_.cut_to(0);
  pending_at_ = 0;
  const std::size_t had = units_.size();
  units_.resize(had + kChunk);
  const std::size_t got = in_->read({reinterpret_cast<char*>(units_.data()) + had, kChunk});
  units_.resize(had + got);
  const std::size_t whole = units_.size() - units_.size() % 2;
  const Bytes units = Bytes(units_).first(whole);
  encoding_ == Encoding::utf16_be ? utf16_.append_big_endian(units) : utf16_.append(units);
  units_.erase(units_.begin(), units_.begin() + static_cast<std::ptrdiff_t>(whole));
  if (got == 0) utf16_.finish();
  return got > 0 || pending_.size() > 0;
}

}  // namespace prism::sheet
