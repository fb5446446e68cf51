#pragma once

#include <memory>
#include <string_view>

#include <prism/base/export.hpp>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace prism::blocks {

/// Compresses frames of up to kFrameBlocks blocks, with a checksum each. Used by one thread.
class FrameCompressor {
 public:
  explicit FrameCompressor(int level);

  /// Good until the next call.
  std::string_view compress(std::string_view bytes);

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
  std::unique_ptr<char[]> out_;
};

/// The other way. Used by one thread.
class FrameDecompressor {
 public:
  FrameDecompressor();

  /// Good until the next call. Throws Error(bad_data) for what is no frame, or has not that size.
  std::string_view decompress(std::string_view frame, std::size_t bytes);

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  std::unique_ptr<char[]> out_;
};

}  // namespace prism::blocks
