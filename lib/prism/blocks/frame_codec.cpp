#include <new>

#include <fmt/format.h>
#include <zstd.h>

#include <prism/base/error.hpp>
#include <prism/blocks/block_map.hpp>
#include <prism/blocks/frame_codec.hpp>
#include <prism/blocks/pack_index.hpp>

namespace prism::blocks {
namespace {

constexpr std::size_t kRawBytes = kFrameBlocks * kBlockBytes;

std::size_t checked(std::size_t result, ErrorCode code) {
  if (ZSTD_isError(result) == 0) return result;
  throw Error(code, std::string("zstd: ") + ZSTD_getErrorName(result));
}

}  // namespace

void FrameCompressor::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }
void FrameDecompressor::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

FrameCompressor::FrameCompressor(int level)
    : context_(ZSTD_createCCtx()),
      out_(std::make_unique_for_overwrite<char[]>(ZSTD_COMPRESSBOUND(kRawBytes))) {
  if (!context_) throw std::bad_alloc();
  const auto set = [this](ZSTD_cParameter parameter, int value) {
    checked(ZSTD_CCtx_setParameter(context_.get(), parameter, value), ErrorCode::internal);
  };
  set(ZSTD_c_compressionLevel, level);
  set(ZSTD_c_checksumFlag, 1);
}

std::string_view FrameCompressor::compress(std::string_view bytes) {
  const std::size_t size =
      checked(ZSTD_compress2(context_.get(), out_.get(), ZSTD_COMPRESSBOUND(kRawBytes),
                             bytes.data(), bytes.size()),
              ErrorCode::internal);
  return {out_.get(), size};
}

FrameDecompressor::FrameDecompressor()
    : context_(ZSTD_createDCtx()), out_(std::make_unique_for_overwrite<char[]>(kRawBytes)) {
  if (!context_) throw std::bad_alloc();
}

std::string_view FrameDecompressor::decompress(std::string_view frame, std::size_t bytes) {
  const std::size_t size = checked(
      ZSTD_decompressDCtx(context_.get(), out_.get(), kRawBytes, frame.data(), frame.size()),
      ErrorCode::bad_data);
  if (size != bytes) {
    throw Error(ErrorCode::bad_data, fmt::format("a frame of {} bytes, expected {}", size, bytes));
  }
  return {out_.get(), size};
}

}  // namespace prism::blocks
