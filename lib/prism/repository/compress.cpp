#include <algorithm>
#include <new>

#include <zstd.h>
#include <zstd_errors.h>

#include <prism/base/error.hpp>
#include <prism/repository/compress.hpp>

namespace prism::repository {
namespace {

constexpr int kLargestWindow = 27;  // 128 MiB
constexpr unsigned kMostThreads = 64;

/// What zstd returned, unless it is an error.
std::size_t checked(std::size_t result, ErrorCode code) {
  if (ZSTD_isError(result) == 0) return result;
  if (ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  throw Error(code, std::string("zstd: ") + ZSTD_getErrorName(result));
}

}  // namespace

void ZstdSink::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }
void ZstdSource::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

ZstdSink::ZstdSink(ByteSink& next, int level, unsigned threads)
    : next_(next), context_(ZSTD_createCCtx()), out_(ZSTD_CStreamOutSize(), '\0') {
  if (!context_) throw std::bad_alloc();
  const auto set = [this](ZSTD_cParameter parameter, int value) {
    checked(ZSTD_CCtx_setParameter(context_.get(), parameter, value), ErrorCode::internal);
  };
  set(ZSTD_c_compressionLevel, level);
  set(ZSTD_c_checksumFlag, 1);
  // A library without threads refuses them: it then does with none.
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_nbWorkers,
                         static_cast<int>(std::min(threads, kMostThreads)));
}

void ZstdSink::write(std::string_view bytes) {
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  while (in.pos < in.size) {
    ZSTD_outBuffer out{out_.data(), out_.size(), 0};
    checked(ZSTD_compressStream2(context_.get(), &out, &in, ZSTD_e_continue), ErrorCode::internal);
    if (out.pos > 0) next_.write({out_.data(), out.pos});
  }
}

void ZstdSink::finish() {
  ZSTD_inBuffer in{nullptr, 0, 0};
  for (std::size_t left = 1; left > 0;) {
    ZSTD_outBuffer out{out_.data(), out_.size(), 0};
    left =
        checked(ZSTD_compressStream2(context_.get(), &out, &in, ZSTD_e_end), ErrorCode::internal);
    if (out.pos > 0) next_.write({out_.data(), out.pos});
  }
  next_.finish();
}

ZstdSource::ZstdSource(ByteSource& from)
    : from_(from), context_(ZSTD_createDCtx()), in_(ZSTD_DStreamInSize(), '\0') {
  if (!context_) throw std::bad_alloc();
  checked(ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kLargestWindow),
          ErrorCode::internal);
}

/// Whether there is more input.
bool ZstdSource::fill() {
  at_ = 0;
  size_ = from_.read(in_);
  if (size_ == 0 && !complete_) {
    throw Error(ErrorCode::bad_data, "zstd: the input ends before its frame does");
  }
  return size_ > 0;
}

std::size_t ZstdSource::read(std::span<char> into) {
  ZSTD_outBuffer out{into.data(), into.size(), 0};
  while (out.pos == 0) {
    if (at_ == size_ && !more_inside_ && !fill()) return 0;
    ZSTD_inBuffer in{in_.data(), size_, at_};
    complete_ = checked(ZSTD_decompressStream(context_.get(), &out, &in), ErrorCode::bad_data) == 0;
    at_ = in.pos;
    more_inside_ = !complete_ && out.pos == out.size;
  }
  return out.pos;
}

}  // namespace prism::repository
