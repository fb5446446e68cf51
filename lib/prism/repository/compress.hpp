#pragma once

#include <memory>
#include <string>

#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace prism::repository {

/// Compresses into one zstd frame (RFC 8878) with a checksum.
class PRISM_API ZstdSink : public ByteSink {
 public:
  /// `threads` compress beside the one that writes; 0: it does so itself.
  ZstdSink(ByteSink& next, int level, unsigned threads);

  void write(std::string_view bytes) override;
  void finish() override;

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };

  ByteSink& next_;
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
  std::string out_;
};

/// Gives what zstd frames hold; several, one behind the other, are read as one. Throws
/// Error(bad_data) for what is none, was cut short, or is not what its checksum says; also for a
/// frame that needs more than 128 MiB to be read.
class PRISM_API ZstdSource : public ByteSource {
 public:
  explicit ZstdSource(ByteSource& from);

  std::size_t read(std::span<char> into) override;

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  bool fill();

  ByteSource& from_;
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  std::string in_;
  std::size_t size_ = 0;      ///< of what was read into in_
  std::size_t at_ = 0;        ///< so much of it is used up
  bool more_inside_ = false;  ///< the context may give more without any input
  bool complete_ = false;     ///< a frame has ended, and none has begun since
};

}  // namespace prism::repository
