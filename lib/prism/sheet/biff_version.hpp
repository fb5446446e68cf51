#pragma once

#include <cstdint>
#include <string>

#include <prism/base/export.hpp>
#include <prism/sheet/biff.hpp>

namespace prism::sheet {

/// The versions of the format. BIFF2 to BIFF4 are Excel 2.x to 4.0, BIFF5 is Excel 5.0 and 95 (then
/// called BIFF7), BIFF8 is Excel 97 and later.
enum class BiffVersion : std::uint8_t { biff2, biff3, biff4, biff5, biff8 };

/// What a substream holds ([MS-XLS] section 2.4.21).
namespace biff {
inline constexpr std::uint16_t kGlobals = 0x0005;
inline constexpr std::uint16_t kWorksheet = 0x0010;
inline constexpr std::uint16_t kChart = 0x0020;
inline constexpr std::uint16_t kMacroSheet = 0x0040;
inline constexpr std::uint16_t kWorkspace = 0x0100;  ///< of BIFF4: the globals of a workbook
}  // namespace biff

/// The record with which each substream begins.
struct Bof {
  BiffVersion version;
  std::uint16_t kind;
};

/// Whether records of that type begin a substream, in any version.
constexpr bool is_bof(std::uint16_t type) {
  return type == 0x0009 || type == 0x0209 || type == 0x0409 || type == 0x0809;
}

/// `otherwise`: the version where the record, as some programs write it, names none. Throws Damage
/// when it is no BOF record.
PRISM_API Bof parse_bof(const Record& record, BiffVersion otherwise);

}  // namespace prism::sheet
