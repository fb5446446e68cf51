#include <algorithm>
#include <new>
#include <numeric>

#include <zstd.h>

#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/store_dump.hpp>

namespace prism::neo4j {
namespace {

constexpr std::string_view kMagic = "DZV1";
constexpr std::string_view kInnerMagic = "zstd";
constexpr std::size_t kHead = 4 + 4 + 8 + 8;

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorCode::bad_data, "neo4j.dump: " + what);
}

/// The most significant byte first.
std::uint64_t number_of(std::string_view bytes) {
  return std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0},
                         [](std::uint64_t number, char byte) {
                           return number << 8 | static_cast<unsigned char>(byte);
                         });
}

}  // namespace

void TarCounter::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto passed = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, bytes.size()));
    skip_ -= passed;
    bytes.remove_prefix(passed);
    const std::size_t taken = bytes.copy(header_.data() + have_, header_.size() - have_);
    have_ += taken;
    bytes.remove_prefix(taken);
    if (have_ == header_.size()) take_header();
  }
}

void TarCounter::take_header() {
  have_ = 0;
  if (ends_tar(header_)) {
    ++zero_blocks_;
    return;
  }
  if (zero_blocks_ > 0) fail("something follows the end of its archive");
  const TarHeader header = parse_tar_header(header_);
  skip_ = header.size + tar_padding(header.size);
  if (header.type != '0') return;
  ++files_;
  bytes_ += header.size;
}

void TarCounter::finish() const {
  if (have_ != 0 || skip_ != 0 || zero_blocks_ < 2) fail("its archive is cut off");
}

void StoreDumpSurvey::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

StoreDumpSurvey::StoreDumpSurvey() : zstd_(ZSTD_createDCtx()), unpacked_(1U << 17, '\0') {
  if (!zstd_) throw std::bad_alloc();
}

StoreDumpSurvey::~StoreDumpSurvey() = default;

void StoreDumpSurvey::add(std::string_view bytes) {
  const std::string_view begin = bytes.substr(0, kMagic.size() - magic_.size());
  magic_ += begin;
  bytes.remove_prefix(begin.size());
  if (!kMagic.starts_with(magic_)) fail("begins with no DZV1: no dump of Neo4j 5");
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  while (in.pos < in.size) {
    if (frame_ended_) fail("something follows its end");
    ZSTD_outBuffer out{unpacked_.data(), unpacked_.size(), 0};
    const std::size_t left = ZSTD_decompressStream(zstd_.get(), &out, &in);
    if (ZSTD_isError(left) != 0) fail(std::string("zstd: ") + ZSTD_getErrorName(left));
    frame_ended_ = left == 0;
    take_unpacked(std::string_view(unpacked_).substr(0, out.pos));
  }
}

void StoreDumpSurvey::take_unpacked(std::string_view bytes) {
  const std::string_view begin = bytes.substr(0, kHead - head_.size());
  head_ += begin;
  bytes.remove_prefix(begin.size());
  if (head_.size() == kHead) tar_.add(bytes);
}

void StoreDumpSurvey::finish() const {
  if (!frame_ended_ || head_.size() < kHead) fail("cut off");
  const std::string_view head = head_;
  if (!head.starts_with(kInnerMagic) || number_of(head.substr(4, 4)) != 1) {
    fail("of another version than Neo4j 5 writes");
  }
  tar_.finish();
  const std::uint64_t files = number_of(head.substr(8, 8)), bytes = number_of(head.substr(16, 8));
  if (files == tar_.files() && bytes == tar_.bytes()) return;
  fail("says " + std::to_string(files) + " files of " + std::to_string(bytes) +
       " bytes, but holds " + std::to_string(tar_.files()) + " of " + std::to_string(tar_.bytes()));
}

}  // namespace prism::neo4j
