#include <algorithm>
#include <cstring>

#include <prism/base/error.hpp>
#include <prism/drivers/postgres/physical/incremental_file.hpp>

namespace prism::postgres {
namespace {

constexpr std::uint32_t kMagic = 0xD3AE1F0DU;
constexpr std::uint32_t kMostBlocks = 131072;  ///< of a file of 1 GiB
constexpr std::size_t kPage = 8192, kFixed = 12, kNumber = 4;

std::uint32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

[[noreturn]] void fail(const char* why) {
  throw Error(ErrorCode::bad_data, std::string("file of changed pages: ") + why);
}

/// The pages begin on a page's boundary, where there are any.
std::uint64_t head_bytes(std::uint32_t blocks) {
  const std::uint64_t bytes = kFixed + std::uint64_t{blocks} * kNumber;
  return blocks == 0 ? bytes : (bytes + kPage - 1) / kPage * kPage;
}

}  // namespace

bool IncrementalHeadReader::complete() const {
  return head_.bytes > 0 && buffer_.size() == head_.bytes;
}

std::size_t IncrementalHeadReader::add(std::string_view bytes) {
  std::size_t used = 0;
  if (buffer_.size() < kFixed) {
    used = std::min(kFixed - buffer_.size(), bytes.size());
    buffer_ += bytes.substr(0, used);
    if (buffer_.size() < kFixed) return used;
    if (number_at(buffer_, 0) != kMagic) fail("it is none");
    const std::uint32_t count = number_at(buffer_, 4);
    head_.truncation_blocks = number_at(buffer_, 8);
    if (count > kMostBlocks || head_.truncation_blocks > kMostBlocks) fail("too many pages");
    head_.bytes = head_bytes(count);
  }
  const std::size_t more =
      std::min<std::uint64_t>(head_.bytes - buffer_.size(), bytes.size() - used);
  buffer_ += bytes.substr(used, more);
  if (complete() && head_.blocks.empty()) {
    const std::uint32_t count = number_at(buffer_, 4);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t block = number_at(buffer_, kFixed + kNumber * i);
      const bool ascends = head_.blocks.empty() || block > head_.blocks.back();
      if (!ascends || block >= kMostBlocks) fail("its pages are in no order");
      head_.blocks.push_back(block);
    }
  }
  return used + more;
}

}  // namespace prism::postgres
