#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>
#include <prism/sheet/string_arena.hpp>
#include <prism/sheet/text_encoding.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// Where a record stands, counted from 1.
struct CsvPlace {
  std::uint32_t record = 0;
  std::uint32_t line = 0;
};

/// Whether a file without a byte order mark is UTF-8 or Windows-1252. Decided while it is read, by
/// the first record that is not ASCII: the ones before are the same in both.
class PRISM_API CsvEncoding {
 public:
  struct Fault {
    CsvPlace place;
    std::string what;
  };

  explicit CsvEncoding(Encoding encoding)
      : state_(encoding == Encoding::unmarked ? State::undecided : State::utf8) {}

  /// Whether the fields of this record must be given to `decode`; else they are UTF-8.
  bool needs_decoding(std::string_view record);

  /// Makes UTF-8 of the fields' texts, which live until the next call. Throws Damage that names a
  /// field that is not what the file was taken for.
  void decode(std::span<Cell> fields, CsvPlace place);

  /// To be asked after the last record: a file taken for Windows-1252 in which more records are
  /// UTF-8 is UTF-8 that was damaged. This is the first place that is not.
  std::optional<Fault> fault() const;

 private:
  enum class State : std::uint8_t { undecided, utf8, windows1252 };

  void decode_windows1252(Cell& field);

  State state_;
  TextBuffer decoded_;
  std::uint32_t valid_ = 0;    ///< records beyond ASCII that would be UTF-8 too
  std::uint32_t invalid_ = 0;  ///< records that would not
  Fault first_invalid_;
};

}  // namespace prism::sheet
