#pragma once

#include <cstdint>
#include <string>

#include <prism/base/export.hpp>
#include <prism/base/sha256.hpp>
#include <prism/base/stream.hpp>

namespace prism::repository {

/// Counts and hashes the bytes on their way to another sink.
class PRISM_API HashSink : public ByteSink {
 public:
  explicit HashSink(ByteSink& next) : next_(next) {}

  void write(std::string_view bytes) override;
  void finish() override;

  std::uint64_t bytes() const { return bytes_; }
  /// Empty before finish().
  const std::string& sha256() const { return sha256_; }

 private:
  ByteSink& next_;
  Sha256 hash_;
  std::uint64_t bytes_ = 0;
  std::string sha256_;
};

/// The same for what comes from a source.
class PRISM_API HashSource : public ByteSource {
 public:
  explicit HashSource(ByteSource& from) : from_(from) {}

  std::size_t read(std::span<char> into) override;

  std::uint64_t bytes() const { return bytes_; }
  /// Empty until read() has returned 0.
  const std::string& sha256() const { return sha256_; }

 private:
  ByteSource& from_;
  Sha256 hash_;
  std::uint64_t bytes_ = 0;
  std::string sha256_;
};

}  // namespace prism::repository
