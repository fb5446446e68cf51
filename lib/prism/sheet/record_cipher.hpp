#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace prism::sheet {

/// Takes the encryption off the data of records. Records come in the order of the stream, as one
/// thread reads them; another reader needs a clone.
class RecordCipher {
 public:
  virtual ~RecordCipher() = default;

  virtual std::unique_ptr<RecordCipher> clone() const = 0;

  /// `offset`: where in the stream `data`, the whole of a record's data, begins. The first `plain`
  /// bytes of it are not encrypted.
  virtual void decrypt(std::uint64_t offset, std::span<unsigned char> data, std::size_t plain) = 0;
};

}  // namespace prism::sheet
