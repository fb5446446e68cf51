#pragma once

#include <exception>
#include <memory>
#include <thread>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/base/queue.hpp>
#include <prism/sheet/byte_stream.hpp>

namespace prism::sheet {

/// Reads a stream on a thread of its own, some blocks ahead of who reads this one: to unpack and
/// to take apart at the same time.
class PRISM_API ReadAhead : public ByteStream {
 public:
  explicit ReadAhead(std::unique_ptr<ByteStream> stream);
  ~ReadAhead() override;

  std::size_t read(std::span<char> out) override;

 private:
  void run();

  std::unique_ptr<ByteStream> stream_;
  BoundedQueue<std::vector<char>> full_;
  BoundedQueue<std::vector<char>> empty_;  ///< to be filled again
  std::exception_ptr failure_;             ///< read once the queue has ended
  std::vector<char> block_;
  std::size_t at_ = 0;
  std::jthread thread_;
};

/// The stream, read ahead of.
inline std::unique_ptr<ByteStream> read_ahead(std::unique_ptr<ByteStream> stream) {
  return std::make_unique<ReadAhead>(std::move(stream));
}

}  // namespace prism::sheet
