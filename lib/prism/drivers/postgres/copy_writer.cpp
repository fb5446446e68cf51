#include <chrono>
#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/copy_writer.hpp>

namespace prism::postgres {
namespace {

constexpr std::size_t kPiece = 128 * 1024;
constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
constexpr std::string_view kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);

/// PostgreSQL counts days from 2000-01-01.
std::int32_t day_of(std::string_view iso) {
  using namespace std::chrono;
  const auto digits = [&](std::size_t at, std::size_t count) {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) value = value * 10 + (iso[i] - '0');
    return value;
  };
  const sys_days days = year(digits(0, 4)) / month(static_cast<unsigned>(digits(5, 2))) /
                        day(static_cast<unsigned>(digits(8, 2)));
  return static_cast<std::int32_t>((days - sys_days(year(2000) / 1 / 1)).count());
}

}  // namespace

CopyWriter::CopyWriter(BulkConnection& connection, const std::string& sql)
    : connection_(connection), buffer_(kHeader) {
  buffer_.reserve(2 * kPiece);
  connection_.begin_copy(sql);
}

void CopyWriter::begin_row(std::size_t fields) {
  if (buffer_.size() >= kPiece) send();
  put16(static_cast<std::uint16_t>(fields));
}

void CopyWriter::add_null() { put32(0xFFFFFFFF); }

void CopyWriter::add_integer(std::int32_t value) {
  put32(4);
  put32(static_cast<std::uint32_t>(value));
}

void CopyWriter::add_bigint(std::int64_t value) {
  put32(8);
  put64(static_cast<std::uint64_t>(value));
}

void CopyWriter::add_text(std::string_view text) { add_field(text); }

void CopyWriter::add_bytes(std::span<const std::uint8_t> bytes) {
  add_field({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void CopyWriter::add_jsonb(std::string_view json) {
  put32(static_cast<std::uint32_t>(json.size() + 1));
  buffer_ += '\1';  // the version of the format
  buffer_ += json;
}

void CopyWriter::add_date(std::string_view iso) {
  if (!is_iso_date(iso)) throw Error(ErrorCode::internal, "no date: " + in_quotes(iso));
  add_integer(day_of(iso));
}

std::uint64_t CopyWriter::end() {
  put16(0xFFFF);
  send();
  return connection_.end_copy();
}

void CopyWriter::add_field(std::string_view value) {
  put32(static_cast<std::uint32_t>(value.size()));
  buffer_ += value;
}

void CopyWriter::put16(std::uint16_t value) {
  value = static_cast<std::uint16_t>(value << 8 | value >> 8);
  buffer_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void CopyWriter::put32(std::uint32_t value) {
  value = __builtin_bswap32(value);
  buffer_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void CopyWriter::put64(std::uint64_t value) {
  value = __builtin_bswap64(value);
  buffer_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// In pieces, because libpq counts in int.
void CopyWriter::send() {
  constexpr std::size_t kMost = 64 * 1024 * 1024;
  for (std::string_view rest = buffer_; !rest.empty();
       rest.remove_prefix(std::min(kMost, rest.size()))) {
    connection_.put(rest.substr(0, kMost));
  }
  buffer_.clear();
}

void require_no_nul(std::string_view text) {
  const std::size_t at = text.find('\0');
  if (at == std::string_view::npos) return;
  constexpr std::size_t kShown = 40;
  throw Error(ErrorCode::bad_data,
              "a text with a NUL byte: " +
                  in_quotes(text.substr(at - std::min(at, kShown), 2 * kShown)),
              "PostgreSQL can't hold one; take it out of the input");
}

// ---- CopyRow ------------------------------------------------------------------------------------

bool CopyRow::begin(std::size_t fields) {
  if (rest_.starts_with(kSignature)) rest_.remove_prefix(std::min(rest_.size(), kHeader.size()));
  return take(2) == fields;
}

std::int64_t CopyRow::bigint() {
  const std::uint64_t size = take(4);
  return static_cast<std::int64_t>(take(size == 8 ? 8 : 4));
}

/// Nothing more is there: 0, as for the row that is none.
std::uint64_t CopyRow::take(std::size_t bytes) {
  std::uint64_t value = 0;
  if (rest_.size() < bytes) return 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<std::uint8_t>(rest_[i]);
  rest_.remove_prefix(bytes);
  return value;
}

}  // namespace prism::postgres
