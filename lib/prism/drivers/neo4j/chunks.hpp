#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::neo4j {

/// Puts one message into chunks of at most 65,535 bytes.
class PRISM_API Chunker {
 public:
  /// `size`: of the whole message.
  explicit Chunker(std::size_t size) : left_(size) {}

  /// Appends what of `part` fits into a chunk, and takes it off.
  void append(std::string& out, std::string_view& part);
  /// Behind the last part.
  void end(std::string& out) const;

 private:
  std::size_t left_;
  std::size_t room_ = 0;  ///< in the chunk that was begun
};

/// Appends a message, given in parts that follow each other, as chunks.
PRISM_API void append_chunks(std::string& out, std::initializer_list<std::string_view> parts);

/// Puts messages together from the chunks that a server sends.
class PRISM_API Inbox {
 public:
  /// A message of more bytes than `most_bytes` is refused.
  explicit Inbox(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// Takes what came over the wire; a chunk without content between messages (NOOP) is dropped.
  /// Throws Error(io) for a message that is too large.
  void feed(std::string_view bytes);

  /// Complete messages that are here.
  std::size_t size() const { return ends_.size(); }
  bool empty() const { return ends_.empty(); }
  /// The oldest is number 0. Valid until the next feed().
  std::string_view at(std::size_t number) const;
  std::string_view front() const { return at(0); }
  void pop();
  /// All that is held.
  std::size_t bytes() const { return bytes_.size() - begin_; }

 private:
  void take_header(char byte);
  void begin_chunk(std::size_t size);
  void end_message();
  void compact();

  std::size_t most_bytes_;
  std::string bytes_;      ///< of messages, one behind the other
  std::size_t begin_ = 0;  ///< of the oldest one
  std::deque<std::size_t> ends_;
  std::size_t last_ = 0;  ///< where the message that is incomplete begins
  std::size_t left_ = 0;  ///< bytes of the chunk that are still to come
  int header_ = -1;       ///< the first byte of a chunk's header, once it is here
};

}  // namespace prism::neo4j
