#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <prism/base/cancel.hpp>
#include <prism/base/stream.hpp>

namespace prism::redis {

/// The bytes of an RDB, taken one after the other; what was taken is copied where it is told to.
/// Whatever lengths the bytes speak of, it holds no more than a block. Used by one thread.
class PRISM_API RdbInput {
 public:
  /// `all`: gets every byte that was taken; may be null. All must outlive it.
  RdbInput(ByteSource& source, ByteSink* all, const Cancel& cancel);

  std::uint8_t byte() {
    if (at_ == end_) refill();
    return static_cast<std::uint8_t>(block_[at_++]);
  }

  /// As it lies there, in little-endian order.
  template <typename Number>
  Number number() {
    Number value{};
    fill({reinterpret_cast<char*>(&value), sizeof value});
    return value;
  }

  void fill(std::span<char> into);
  void skip(std::uint64_t size);

  /// From now on what is taken goes there too; null: nowhere.
  void copy_to(ByteSink* sink);
  /// The same for what gets every byte.
  void copy_all_to(ByteSink* sink);

  /// Of all bytes taken so far.
  std::uint64_t checksum();
  std::uint64_t offset() const { return before_ + at_; }

  /// What lies in the block behind what was taken.
  std::string_view rest() const { return std::string_view(block_).substr(at_, end_ - at_); }
  /// From now on every refusal says so too.
  void add_to_refusals(std::string note) { note_ = std::move(note); }
  /// Throws Error(bad_data) that says where.
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  void refill();
  /// Hands on what was taken.
  void settle();

  ByteSource& source_;
  ByteSink* all_;
  ByteSink* copy_ = nullptr;
  const Cancel& cancel_;
  std::string note_;
  std::string block_;
  std::size_t at_ = 0, end_ = 0;
  std::size_t settled_ = 0;   ///< up to there of the block, what was taken has been looked at
  std::uint64_t before_ = 0;  ///< bytes before the block
  std::uint64_t checksum_ = 0;
};

}  // namespace prism::redis
