#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include <prism/sheet/biff.hpp>

namespace prism::sheet {

/// The error that Excel shows for a code ([MS-XLS] section 2.5.10 Bes).
std::string_view xls_error_text(unsigned code);

/// Whether records of that type hold something that a cell shows. BLANK and MULBLANK do not.
inline bool is_xls_cell(std::uint16_t type) {
  switch (type) {
    case biff::kInteger2:
    case biff::kNumber2:
    case biff::kLabel2:
    case biff::kBoolErr2:
    case biff::kFormula:
    case biff::kMulRk:
    case biff::kRString:
    case biff::kLabelSst:
    case biff::kNumber:
    case biff::kLabel:
    case biff::kBoolErr:
    case biff::kFormula3:
    case biff::kRk:
    case biff::kFormula4:
      return true;
    default:
      return false;
  }
}

/// [MS-XLS] section 2.5.217 RkNumber: 30 bits of an integer or the upper ones of a double; bit 0
/// says that it was multiplied by 100.
inline double rk_value(std::uint32_t rk) {
  const double value = (rk & 0x02) != 0 ? static_cast<double>(static_cast<std::int32_t>(rk) >> 2)
                                        : std::bit_cast<double>(std::uint64_t{rk & ~0x03U} << 32);
  return (rk & 0x01) != 0 ? value / 100 : value;
}

}  // namespace prism::sheet
