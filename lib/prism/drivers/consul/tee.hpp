#pragma once

#include <prism/base/stream.hpp>

namespace prism::consul {

/// Hands on what it reads.
class Tee : public ByteSource {
 public:
  Tee(ByteSource& source, ByteSink& sink) : source_(source), sink_(sink) {}

  std::size_t read(std::span<char> into) override {
    const std::size_t got = source_.read(into);
    if (got > 0) sink_.write({into.data(), got});
    return got;
  }

 private:
  ByteSource& source_;
  ByteSink& sink_;
};

}  // namespace prism::consul
