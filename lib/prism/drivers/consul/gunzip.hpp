#pragma once

#include <memory>
#include <vector>

#include <prism/base/stream.hpp>

struct inflate_state;

namespace prism::consul {

/// The content of a gzip file (RFC 1952) of one member, by ISA-L. Throws Error(bad_data) for what
/// is none, is cut, has a wrong checksum, or goes on behind its end.
class Gunzip : public ByteSource {
 public:
  explicit Gunzip(ByteSource& packed);
  ~Gunzip() override;
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  std::size_t read(std::span<char> into) override;

 private:
  bool feed();
  void require_end();

  ByteSource& packed_;
  std::vector<char> buffer_;
  std::unique_ptr<inflate_state> state_;
  bool ended_ = false;
};

}  // namespace prism::consul
