#include <array>
#include <cstring>

#include <fmt/format.h>

#include <prism/base/text.hpp>
#include <prism/sheet/csv_encoding.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/unicode.hpp>

namespace prism::sheet {
namespace {

constexpr auto npos = std::string_view::npos;

/// What Windows-1252 has at 0x80 to 0x9F, where ISO 8859-1 has control characters; 0: nothing.
constexpr std::array<std::uint16_t, 32> kWindows1252{
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

bool is_ascii(std::string_view text) {
  std::uint64_t bits = 0;
  std::size_t i = 0;
  for (; i + sizeof bits <= text.size(); i += sizeof bits) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, sizeof word);
    bits |= word;
  }
  for (; i < text.size(); ++i) bits |= static_cast<unsigned char>(text[i]);
  return (bits & 0x8080808080808080U) == 0;
}

/// `field 2 is not valid UTF-8 at byte 3 (0xff)`
std::string fault_at(const Cell& field, std::size_t byte, std::string_view what) {
  return fmt::format("field {} is {} at byte {} (0x{:02x})", field.column + 1, what, byte + 1,
                     static_cast<unsigned char>(field.text[byte]));
}

/// Of the first field that is not UTF-8, or empty.
std::string utf8_fault(std::span<const Cell> fields) {
  for (const Cell& field : fields) {
    const std::size_t bad = find_invalid_utf8(field.text);
    if (bad != npos) return fault_at(field, bad, "not valid UTF-8");
  }
  return {};
}

}  // namespace

bool CsvEncoding::needs_decoding(std::string_view record) {
  if (is_ascii(record)) return false;
  const bool valid = find_invalid_utf8(record) == npos;
  if (state_ == State::undecided) state_ = valid ? State::utf8 : State::windows1252;
  if (state_ == State::utf8) return !valid;
  ++(valid ? valid_ : invalid_);
  return true;
}

void CsvEncoding::decode(std::span<Cell> fields, CsvPlace place) {
  if (state_ == State::utf8) {
    if (std::string fault = utf8_fault(fields); !fault.empty()) throw Damage(fault);
    return;
  }
  if (first_invalid_.what.empty()) first_invalid_ = {place, utf8_fault(fields)};
  std::size_t size = 0;
  for (const Cell& field : fields) size += field.text.size();
  decoded_.cut_to(0);
  decoded_.room_for(3 * size);  // at most, so that no field moves
  for (Cell& field : fields) {
    if (!is_ascii(field.text)) decode_windows1252(field);
  }
}

void CsvEncoding::decode_windows1252(Cell& field) {
  const std::size_t begin = decoded_.size();
  for (std::size_t i = 0; i < field.text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(field.text[i]);
    const std::uint32_t code = byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80] : byte;
    if (code == 0) throw Damage(fault_at(field, i, "neither valid UTF-8 nor Windows-1252"));
    append_code_point(decoded_, code);
  }
  field.text = {decoded_.data() + begin, decoded_.size() - begin};
}

std::optional<CsvEncoding::Fault> CsvEncoding::fault() const {
  if (valid_ <= invalid_) return std::nullopt;
  return Fault{
      first_invalid_.place,
      first_invalid_.what + ", as most of the file is: it is neither valid UTF-8 nor Windows-1252"};
}

}  // namespace prism::sheet
