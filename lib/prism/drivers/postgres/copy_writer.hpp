#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <prism/drivers/postgres/bulk_connection.hpp>

namespace prism::postgres {

/// Writes the rows of one COPY in PostgreSQL's binary format (manual of COPY, "Binary Format"): big
/// endian, each row the number of its fields, each field its size and its value. A row must have as
/// many fields as it was begun with.
class CopyWriter {
 public:
  /// `sql` is `COPY … FROM STDIN (FORMAT binary)`.
  CopyWriter(BulkConnection& connection, const std::string& sql);

  void begin_row(std::size_t fields);
  void add_null();
  void add_integer(std::int32_t value);  ///< of type integer
  void add_bigint(std::int64_t value);
  /// A NUL byte in it is refused by the server: see require_no_nul.
  void add_text(std::string_view text);
  void add_bytes(std::span<const std::uint8_t> bytes);  ///< of type bytea
  void add_jsonb(std::string_view json);
  /// Of type date, from `YYYY-MM-DD`.
  void add_date(std::string_view iso);

  /// Ends the COPY; returns how many rows there were.
  std::uint64_t end();

 private:
  void add_field(std::string_view value);
  void put16(std::uint16_t value);
  void put32(std::uint32_t value);
  void put64(std::uint64_t value);
  void send();

  BulkConnection& connection_;
  std::string buffer_;
};

/// Throws Error(bad_data) for a text with a NUL byte, which PostgreSQL has no place for. Many texts
/// are best asked about at once.
void require_no_nul(std::string_view text);

/// Reads the fields of one row of a binary COPY that has no other types than integers.
class CopyRow {
 public:
  explicit CopyRow(std::string_view row) : rest_(row) {}

  /// False for the header and the trailer, which come as rows of their own or before the first.
  bool begin(std::size_t fields);
  std::int64_t bigint();

 private:
  std::uint64_t take(std::size_t bytes);

  std::string_view rest_;
};

}  // namespace prism::postgres
