#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <type_traits>

#include <prism/base/export.hpp>

namespace prism::sheet {

/// An array that grows by realloc: for large blocks that moves page tables, where std::vector would
/// copy the content and hold it twice meanwhile.
template <typename T>
class GrowingBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  GrowingBuffer() = default;
  GrowingBuffer(const GrowingBuffer&) = delete;
  GrowingBuffer& operator=(const GrowingBuffer&) = delete;
  ~GrowingBuffer() { std::free(data_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  const T& operator[](std::size_t i) const { return data_[i]; }

  /// Room for `count` more elements behind the last one; `add_size` makes them part of the array.
  T* room_for(std::size_t count) {
    if (capacity_ - size_ < count) grow(count);
    return data_ + size_;
  }
  void add_size(std::size_t count) { size_ += count; }
  void push_back(T value) {
    *room_for(1) = value;
    ++size_;
  }
  void cut_to(std::size_t size) { size_ = size; }

 private:
  void grow(std::size_t count) {
    const std::size_t wanted = size_ + count + (size_ + count) / 2 + 64;
    void* moved = std::realloc(data_, wanted * sizeof(T));
    if (moved == nullptr) throw std::bad_alloc();
    data_ = static_cast<T*>(moved);
    capacity_ = wanted;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

using TextBuffer = GrowingBuffer<char>;

inline void append_text(TextBuffer& out, std::string_view text) {
  if (text.empty()) return;
  std::memcpy(out.room_for(text.size()), text.data(), text.size());
  out.add_size(text.size());
}

/// The shared strings of a workbook, end to end in one block of memory: their bytes and 4 bytes
/// more for each.
class PRISM_API StringArena {
 public:
  /// Where the bytes of the next string are appended.
  TextBuffer& text() { return text_; }

  /// What was appended since the last call is a string. Throws Damage beyond 2 GiB of text.
  void end_string();

  std::size_t size() const { return ends_.size(); }

  /// The string, which lives as long as nothing is appended.
  std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return {text_.data() + begin, ends_[i] - begin};
  }

 private:
  TextBuffer text_;
  GrowingBuffer<std::uint32_t> ends_;
};

}  // namespace prism::sheet
