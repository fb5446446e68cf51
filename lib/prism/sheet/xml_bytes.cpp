#include <algorithm>
#include <cstring>
#include <string_view>

#include <prism/sheet/xml_bytes.hpp>

namespace prism::sheet {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kChunk = std::size_t{16} * 1024;

}  // namespace

std::size_t XmlBytes::read(std::span<char> out) {
  if (encoding_ == Encoding::unknown) recognise();
  while (pending_at_ == pending_.size() && encoding_ != Encoding::utf8) {
    if (!transcode()) return 0;
  }
  return pending_at_ < pending_.size() ? take_pending(out) : in_->read(out);
}

void XmlBytes::recognise() {
  std::array<char, 4> start;
  std::size_t size = 0;
  while (size < start.size()) {
    const std::size_t got = in_->read(std::span(start).subspan(size));
    if (got == 0) break;
    size += got;
  }
  std::string_view head(start.data(), size);
  if (head.starts_with("\xFF\xFE"sv) || head.starts_with("<\0"sv)) {
    encoding_ = Encoding::utf16_little;
  } else if (head.starts_with("\xFE\xFF"sv) || head.starts_with("\0<"sv)) {
    encoding_ = Encoding::utf16_big;
  } else {
    encoding_ = Encoding::utf8;
    if (head.starts_with("\xEF\xBB\xBF"sv)) head.remove_prefix(3);
    return append_text(pending_, head);
  }
  if (head[0] != '<' && head[1] != '<') head.remove_prefix(2);
  units_.assign(head.begin(), head.end());
}

std::size_t XmlBytes::take_pending(std::span<char> out) {
  const std::size_t count = std::min(out.size(), pending_.size() - pending_at_);
  std::memcpy(out.data(), pending_.data() + pending_at_, count);
  pending_at_ += count;
  return count;
}

/// Reads a chunk of UTF-16. False at the end.
bool XmlBytes::transcode() {
  pending_.cut_to(0);
  pending_at_ = 0;
  const std::size_t had = units_.size();
  units_.resize(had + kChunk);
  const std::size_t got = in_->read({reinterpret_cast<char*>(units_.data()) + had, kChunk});
  units_.resize(had + got);
  if (got == 0) {
    utf16_.finish();
    units_.clear();
    return pending_.size() > 0;
  }
  const std::size_t whole = units_.size() - units_.size() % 2;
  if (encoding_ == Encoding::utf16_big) {
    for (std::size_t i = 0; i < whole; i += 2) std::swap(units_[i], units_[i + 1]);
  }
  utf16_.append(Bytes(units_).first(whole));
  units_.erase(units_.begin(), units_.begin() + static_cast<std::ptrdiff_t>(whole));
  return true;
}

}  // namespace prism::sheet
