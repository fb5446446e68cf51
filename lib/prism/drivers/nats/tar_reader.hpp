#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>

namespace prism::nats {

struct TarFile {
  std::string name;
  std::uint64_t size = 0;
};

/// Reads the tar of a snapshot (POSIX.1-2001 pax), in which there are regular files alone. Throws
/// Error(bad_data) for anything else, for a checksum that does not fit, and for one that ends
/// without the two blocks of zeros. Not by TarStream: libarchive fails at names in UTF-8, such as a
/// consumer's may be, where the locale is C.
class PRISM_API TarReader : public ByteSource {
 public:
  explicit TarReader(ByteSource& source) : source_(source) {}

  /// The next file, behind what is left of the one before; nothing at the end, which must be that
  /// of the source too.
  std::optional<TarFile> next();

  /// Of the content of that file.
  std::size_t read(std::span<char> into) override;

 private:
  void read_all(std::span<char> into);
  void skip_rest();
  void require_end();
  void take_extended(std::uint64_t size, std::optional<std::string>& name,
                     std::optional<std::uint64_t>& bytes);

  ByteSource& source_;
  std::uint64_t left_ = 0;     ///< of the content
  std::uint64_t padding_ = 0;  ///< behind it
};

}  // namespace prism::nats
