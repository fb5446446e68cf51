#include <prism/drivers/neo4j/failure.hpp>
#include <prism/drivers/neo4j/wire.hpp>

namespace prism::neo4j {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 20;  ///< of one message
constexpr std::size_t kMuch = std::size_t{128} << 10;
constexpr std::size_t kPiece = std::size_t{64} << 10;

}  // namespace

Wire::Wire(Socket socket, Milliseconds silence)
    : socket_(std::move(socket)), silence_(silence), inbox_(kMostBytes) {}

/// Calls it; notes that it failed, and makes a Failure of a lost connection.
template <typename Step>
auto Wire::step(Step&& step) {
  try {
    return step();
  } catch (const Error& error) {
    broken_ = true;
    if (error.code() == ErrorCode::unavailable) throw Failure(error);
    throw;
  } catch (...) {
    broken_ = true;
    throw;
  }
}

void Wire::put(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  Chunker chunks(size);
  for (std::string_view part : parts) {
    while (!part.empty()) {
      chunks.append(out_, part);
      if (out_.size() >= kMuch) flush();
    }
  }
  chunks.end(out_);
}

void Wire::flush() {
  step([this] { write_all(); });
}

void Wire::write_all() {
  std::string_view left = out_;
  for (;;) {
    left.remove_prefix(socket_.write_some(left));
    if (left.empty()) break;
    if (!take_some()) socket_.wait({.read = true, .write = true}, -1, silence_);
  }
  out_.clear();
}

void Wire::flush_some() noexcept {
  if (broken_) return;
  try {
    socket_.write_some(out_);
  } catch (const std::exception&) {
    broken_ = true;
  }
}

void Wire::receive() {
  step([this] {
    while (!take_some()) socket_.wait({}, -1, silence_);
  });
}

bool Wire::receive_some() {
  return step([this] { return take_some(); });
}

bool Wire::take_some() {
  char piece[kPiece];
  const std::size_t size = socket_.read_some(piece);
  if (size > 0) inbox_.feed({piece, size});
  return size > 0;
}

}  // namespace prism::neo4j
