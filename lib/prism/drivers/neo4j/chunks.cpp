#include <algorithm>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/chunks.hpp>

namespace prism::neo4j {
namespace {

constexpr std::size_t kLargestChunk = 0xFFFF;

void append_header(std::string& out, std::size_t size) {
  out.push_back(static_cast<char>(size >> 8));
  out.push_back(static_cast<char>(size));
}

}  // namespace

void Chunker::append(std::string& out, std::string_view& part) {
  if (room_ == 0) append_header(out, room_ = std::min(left_, kLargestChunk));
  const std::string_view piece = part.substr(0, room_);
  out.append(piece);
  part.remove_prefix(piece.size());
  room_ -= piece.size();
  left_ -= piece.size();
}

void Chunker::end(std::string& out) const { append_header(out, 0); }

void append_chunks(std::string& out, std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  Chunker chunks(size);
  for (std::string_view part : parts) {
    while (!part.empty()) chunks.append(out, part);
  }
  chunks.end(out);
}

void Inbox::feed(std::string_view bytes) {
  compact();
  while (!bytes.empty()) {
    if (left_ == 0) {
      take_header(bytes.front());
      bytes.remove_prefix(1);
      continue;
    }
    const std::string_view piece = bytes.substr(0, left_);
    bytes_.append(piece);
    bytes.remove_prefix(piece.size());
    left_ -= piece.size();
  }
}

void Inbox::take_header(char byte) {
  const auto number = static_cast<unsigned char>(byte);
  if (header_ < 0) {
    header_ = number;
    return;
  }
  const std::size_t size = static_cast<std::size_t>(header_) << 8 | number;
  header_ = -1;
  if (size == 0) {
    end_message();
  } else {
    begin_chunk(size);
  }
}

void Inbox::begin_chunk(std::size_t size) {
  if (bytes_.size() - last_ + size > most_bytes_) {
    throw Error(ErrorCode::io, fmt::format("a message of more than {} MiB came from the server",
                                           most_bytes_ >> 20));
  }
  left_ = size;
}

void Inbox::end_message() {
  if (last_ == bytes_.size()) return;
  last_ = bytes_.size();
  ends_.push_back(last_);
}

std::string_view Inbox::at(std::size_t number) const {
  const std::size_t begin = number == 0 ? begin_ : ends_[number - 1];
  return std::string_view(bytes_).substr(begin, ends_[number] - begin);
}

void Inbox::pop() {
  begin_ = ends_.front();
  ends_.pop_front();
}

/// Room for what comes, once half of what is held was read.
void Inbox::compact() {
  if (begin_ < bytes_.size() - begin_) return;
  bytes_.erase(0, begin_);
  for (std::size_t& end : ends_) end -= begin_;
  last_ -= begin_;
  begin_ = 0;
  if (bytes_.empty() && bytes_.capacity() > (std::size_t{4} << 20)) bytes_.shrink_to_fit();
}

}  // namespace prism::neo4j
