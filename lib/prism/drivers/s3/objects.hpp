#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <prism/drivers/s3/client.hpp>

namespace prism::s3 {

/// A part of an object.
struct Piece {
  std::string bytes;
  std::uint64_t object_size = 0;
  std::string etag;  ///< of the object, in quotes
  Headers headers = {};
};

/// `size` bytes of the object from `offset` on, fewer at its end. With an `etag` the object must
/// still be that one. What has come is kept when the connection is cut, and only the rest is asked
/// for. Throws Failure with status 404 where there is no such object, 412 where it was replaced or
/// removed meanwhile.
PRISM_API Piece get_piece(Client& client, const std::string& key, std::uint64_t offset,
                          std::size_t size, const std::string& etag = {});

/// The object as it is now; of one of more than `most` bytes only its size. As get_piece, but no
/// range is asked for, which is less work for a server.
PRISM_API Piece get_object(Client& client, const std::string& key, std::size_t most);

/// The headers of an object, or nothing where there is none.
PRISM_API std::optional<Answer> head(Client& client, const std::string& key);

/// Marks of who wrote an object: when an answer is lost, the next try finds the name taken, and
/// this tells whether by us.
PRISM_API std::string random_writer();
PRISM_API Parameters writer_headers(const std::string& writer);
bool is_written_by(Client& client, const std::string& key, const std::string& writer);

/// Writes an object in one request. Throws Error(refused) when there is one already.
PRISM_API void put_new(Client& client, const std::string& key, std::string_view bytes,
                       const std::string& writer);

/// It is no error when there is none.
PRISM_API void remove_object(Client& client, const std::string& key);

}  // namespace prism::s3
