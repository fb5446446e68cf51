#pragma once

#include <future>
#include <string>

#include <prism/base/stream.hpp>
#include <prism/drivers/s3/objects.hpp>

namespace prism::s3 {

/// Reads an object piece by piece, the next one while one is being used: whoever reads slowly keeps
/// no connection waiting. Holds at most two pieces of 8 MiB.
class PRISM_API ObjectSource : public ByteSource {
 public:
  static constexpr std::size_t kPieceSize = std::size_t{8} << 20;

  /// Asks for the first one; throws as get_piece() does.
  ObjectSource(Client& client, std::string key);
  /// Goes on behind the first one.
  ObjectSource(Client& client, std::string key, Piece first);

  std::size_t read(std::span<char> into) override;

 private:
  void ask_for_next();

  Client& client_;
  std::string key_;
  Piece piece_;
  std::size_t at_ = 0;           ///< so much of the piece is used up
  std::uint64_t asked_for_ = 0;  ///< bytes of the object
  std::future<Piece> next_;
};

}  // namespace prism::s3
